"""The shipped integrations: each has what it must have, and its README's dialplan fits its tools."""

import re
import tomllib
from pathlib import Path

import pytest

from voicegw.actions.registry import EXAMPLE_SETTINGS, Toolbox
from voicegw.config import Settings, from_values
from voicegw.dialplan import files

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "integrations"
NAMES = sorted(place.parent.name for place in FOLDER.glob("*/__init__.py"))
FRAME = """
name: example
numbers: ["1"]
greeting: Hello.
handoff: {to: "sip:person@pbx.example", say: One moment., failed: Sorry.}
limits:
  no_input: {say: ["Hm?", "Yes?"], then: [{end: call}]}
  no_match: {say: ["What?", "Sorry?"], then: [{transfer: was not understood}]}
"""
NEED_A_SERVER = {"mcp"}
"""Checked by their own tests: which tools there are, their server tells."""


def settings_of(name: str, data_dir: Path) -> Settings:
    """As its example has them."""
    example = FOLDER / name / EXAMPLE_SETTINGS
    values = tomllib.loads(example.read_text(encoding="utf-8")) if example.exists() else {}
    return from_values({**values, "integrations": FOLDER, "data_dir": data_dir})


@pytest.mark.parametrize("name", NAMES)
def test_an_integration_has_a_readme_that_names_its_tools_and_tests(name: str, tmp_path: Path) -> None:
    assert list((FOLDER / name / "tests").glob("test_*.py"))
    readme = (FOLDER / name / "README.md").read_text(encoding="utf-8")
    if name in NEED_A_SERVER:
        return
    tools = Toolbox.load(settings_of(name, tmp_path), [name]).tools
    assert [tool.name for tool in tools if tool.name not in readme] == []
    assert all(tool.summary for tool in tools)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NEED_A_SERVER])
def test_the_dialplan_in_a_readme_has_no_mistake(name: str, tmp_path: Path) -> None:
    readme = (FOLDER / name / "README.md").read_text(encoding="utf-8")
    snippets = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    assert snippets
    tools = Toolbox.load(settings_of(name, tmp_path), [name]).facts()
    for number, snippet in enumerate(snippets):
        file = tmp_path / f"{number}.yaml"
        file.write_text(FRAME + snippet, encoding="utf-8")
        assert [str(problem) for problem in files.read(file, tools)[1]] == []
