"""Reading dialplans: all problems at once, each with its place and what to do."""

from pathlib import Path

import pytest

from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.parse import parse
from voicegw.dialplan.slots import Digits
from voicegw.dialplan.steps import Call, Say
from voicegw.errors import DialplanError

ROOT = Path(__file__).parents[2]
PLAN = """\
name: acme
numbers: ["5000"]
greeting: Hi, this is Acme.
tasks:
  status:
    title: where an order is
    examples: [where is it]
    steps:
      - ask: order_id
      - call: shop.status
        with: [order_id]
        results:
          found: It comes {arrives|day}.
slots:
  order_id:
    type: digits
    length: 4-6
    ask: Which order?
handoff:
  to: sip:service@shop.example
  say: One moment.
  failed: Nobody is there.
limits:
  no_input: {say: Hello?, then: {end: call}}
  no_match: {say: Sorry?, then: [{transfer: not understood}]}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(DialplanError) as raised:
        parse(text, "acme.yaml")
    return [str(problem) for problem in raised.value.problems]


def changed(old: str, new: str) -> list[str]:
    assert old in PLAN
    return problems(PLAN.replace(old, new))


def test_a_dialplan_is_read():
    plan = parse(PLAN)
    assert plan.name == "acme"
    slot = plan.slots["order_id"]
    assert isinstance(slot, Digits)
    assert slot.length == (4, 6)
    call = plan.tasks["status"].steps[1]
    assert isinstance(call, Call)
    assert call.arguments["order_id"].text == "{order_id}"
    found = call.results["found"][0]
    assert isinstance(found, Say)
    assert found.say[0].text == "It comes {arrives|day}."


@pytest.mark.parametrize("file", sorted((ROOT / "dialplans").glob("*.yaml")), ids=lambda file: file.name)
def test_shipped_dialplans_are_read(file):
    assert isinstance(parse(file.read_text(), str(file)), Dialplan)


def test_an_unknown_key_is_named_with_the_one_that_was_meant():
    assert changed("greeting:", "greting:") == [
        "acme.yaml:1:1: error: `greeting` is missing (The first words.)",
        "acme.yaml:3:1: error: unknown key `greting` (did you mean 'greeting'?)",
    ]


def test_an_unknown_key_deep_inside_is_found():
    assert changed("        with:", "        wiht:") == [
        "acme.yaml:11:9: error: unknown key `wiht` (did you mean 'with'?)"
    ]


def test_a_number_without_quotes_is_shown_how_to_write():
    assert changed('["5000"]', "[5000]") == [
        "acme.yaml:2:11: error: `numbers` must be text, not a number (put it in quotes)"
    ]


def test_an_unknown_slot_type_is_named_with_the_one_that_was_meant():
    assert changed("type: digits", "type: digit") == [
        "acme.yaml:15:3: error: unknown type 'digit' (did you mean 'digits'?)"
    ]


def test_an_unknown_format_is_named_with_the_one_that_was_meant():
    assert changed("{arrives|day}", "{arrives|dya}") == [
        "acme.yaml:13:18: error: `say`: unknown format 'dya' in {arrives|dya} (did you mean 'day'?)"
    ]


def test_a_lone_brace_is_found():
    assert "a brace without its partner" in changed("{arrives|day}", '"{arrives"')[0]


def test_a_step_without_verb_says_what_steps_there_are():
    assert "a step begins with one of: say, ask" in changed("- ask: order_id", "- aks: order_id")[0]


def test_a_condition_that_is_none_says_how_to_write_one():
    assert (
        'write it like "state is shipped"'
        in changed("      - ask: order_id", "      - ask: order_id\n        when: x")[0]
    )


def test_a_bad_length_says_how_to_write_one():
    assert "write 8, or 4-8" in changed("length: 4-6", "length: some")[0]


def test_all_problems_are_told_at_once_in_the_order_of_the_file():
    text = PLAN.replace("type: digits", "type: digit").replace("greeting:", "greting:").replace("title:", "tile:")
    lines = [int(line.split(":")[1]) for line in problems(text)]
    assert lines == sorted(lines)
    assert len(lines) == 5


def test_broken_yaml_is_told_with_its_place():
    assert changed("tasks:\n", "tasks: : x\n")[0].startswith("acme.yaml:4:")


def test_a_key_that_stands_twice_is_an_error():
    assert "duplicate key" in problems(PLAN + "name: other\n")[0]


@pytest.mark.parametrize("text", ["", "- a\n", "just words", "5"])
def test_what_is_not_a_mapping_is_not_a_dialplan(text):
    assert "not a dialplan" in problems(text)[0]


def test_a_bomb_of_aliases_is_refused():
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))
    assert "too much in it" in problems(bomb)[0]


def test_endless_nesting_is_refused():
    assert "too much in it" in problems("a: " + "[" * 100 + "]" * 100)[0]


def test_tabs_are_told():
    assert "not YAML" in changed("  status:", "\tstatus:")[0]


def test_a_dialplan_is_far_too_long():
    assert "too long" in problems("a" * 1_000_001)[0]


def test_the_example_on_the_page_about_dialplans_is_right():
    page = (ROOT / "docs" / "dialplans.md").read_text()
    whole = next(block.partition("```")[0] for block in page.split("```yaml\n") if block.startswith("name: "))
    assert parse(whole).name == "acme"
