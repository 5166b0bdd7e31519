"""What the editor offers and explains, also while the text is not YAML yet."""

from pathlib import Path

import pytest

from voicegw.dialplan.help import help_at

ACME = (Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text()


def at(text: str) -> tuple[str, int, int]:
    """``|`` marks the cursor."""
    before = text[: text.index("|")]
    return text.replace("|", "", 1), before.count("\n") + 1, len(before.rpartition("\n")[2])


def words(text: str) -> list[str]:
    return [option.text for option in help_at(*at(text)).options]


def test_at_the_top_the_keys_of_a_dialplan_are_offered() -> None:
    assert {"name", "tasks", "knowledge", "handoff"} <= set(words("name: acme\n|"))


def test_inside_an_answer_its_keys_are_offered_and_no_others() -> None:
    assert words("knowledge:\n  answers:\n    parking:\n      q|") == ["questions", "answer"]


def test_a_step_of_a_list_offers_verbs_with_what_they_need() -> None:
    offered = words("tasks:\n  refund:\n    steps:\n      - a|")
    assert {"ask", "say", "call", "transfer", "when"} <= set(offered)


def test_values_that_are_words_are_offered() -> None:
    assert words("handoff:\n  mode: |") == ["blind", "attended"]


@pytest.mark.parametrize(
    ("text", "path", "about"),
    [
        ("limits:\n  no_inp|ut:\n", ("limits", "no_input"), "When the caller says nothing"),
        ("knowledge:\n  answers:\n    x:\n      answer|: y\n", ("knowledge", "answers", "x", "answer"), "short enough"),
    ],
)
def test_a_key_is_explained(text: str, path: tuple[str, ...], about: str) -> None:
    told = help_at(*at(text))
    assert told.path == path
    assert about in told.about


def test_no_place_of_a_whole_dialplan_is_too_much() -> None:
    for number, line in enumerate(ACME.split("\n"), 1):
        help_at(ACME, number, len(line))
    assert help_at(ACME, 10_000, 0).options == ()
