"""Scenarios as people write them: what is wrong is named, with its place."""

from pathlib import Path

import pytest

from voicegw.errors import ScenarioError
from voicegw.qa.scenarios.files import find, read

GOOD = "name: a call\ntalk:\n  - caller: hello\n    agent: How can I help\n"


def written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_scenario_is_a_folder_and_bears_its_name(tmp_path: Path) -> None:
    written(tmp_path / "people" / "hello", GOOD)
    (found,) = find([tmp_path])
    assert found.name == "people/hello"
    assert found.scenario.talk[0].caller == ("hello",)


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "hint"),
    [
        ("name: x\ntalk:\n  - callr: hello\n", 3, 5, "a line is one thing that the caller does", "caller"),
        ("name: x\ntalk:\n  - caller: hello\n    within: 3\n", 4, 5, "unknown key `within`", "within_ms"),
        ("name: x\n", 1, 1, "either `talk`, `goal` or `sipp`", ""),
        ("name: x\nsipp: {file: none.xml}\n", 2, 14, "no none.xml", ""),
        ("name: x\ntalk:\n  - caller: hello\nholds:\n  outcome: {disposition: done}\n", 5, 26, "cannot be 'done'", ""),
        ("name: x\nrunners: [txt]\ntalk:\n  - caller: hello\n", 2, 11, "cannot be 'txt'", "text"),
        ("- a list", 1, 1, "not a scenario", "name:"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    tmp_path: Path, text: str, line: int, column: int, message: str, hint: str
) -> None:
    with pytest.raises(ScenarioError) as raised:
        read(written(tmp_path / "wrong", text))
    problem = raised.value.problems[0]
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message
    assert hint in problem.hint


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    written(tmp_path / "a", "name: x\ncolour: red\n")
    written(tmp_path / "b", "nme: x\ntalk: [{caller: hello}]\n")
    written(tmp_path / "c", GOOD)
    with pytest.raises(ScenarioError) as raised:
        find([tmp_path])
    assert {Path(problem.file).parent.name for problem in raised.value.problems} == {"a", "b"}
    assert any("did you mean 'name'?" in problem.hint for problem in raised.value.problems)


def test_a_folder_without_scenarios_says_what_one_is(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"folder with a scenario\.yaml"):
        find([tmp_path])
