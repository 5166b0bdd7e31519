"""What docs/integrations.md shows works as it stands there."""

import asyncio
import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from voicegw.actions import requests
from voicegw.actions.registry import Toolbox
from voicegw.config import from_values
from voicegw.dialplan import files

PAGE = (Path(__file__).parents[2] / "docs" / "integrations.md").read_text(encoding="utf-8")
FRAME = """
name: example
numbers: ["1"]
greeting: Hello.
handoff: {to: "sip:person@pbx.example", say: One moment., failed: Sorry.}
limits:
  no_input: {say: ["Hm?", "Yes?"], then: [{end: call}]}
  no_match: {say: ["What?", "Sorry?"], then: [{transfer: was not understood}]}
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the page's integration lies, in a folder that is the working folder."""
    place = tmp_path / "integrations" / "stock" / "__init__.py"
    place.parent.mkdir(parents=True)
    place.write_text(blocks("python")[0], encoding="utf-8")
    return tmp_path


def test_the_example_is_about_20_lines() -> None:
    assert len([line for line in blocks("python")[0].splitlines() if line.strip()]) <= 20


def test_the_pages_own_test_passes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    exec(compile(blocks("python")[2], "docs/integrations.md", "exec"), names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        asyncio.run(test())


def test_its_dialplan_has_no_mistake(folder: Path) -> None:
    (folder / "plan.yaml").write_text(FRAME + blocks("yaml")[0], encoding="utf-8")
    tools = Toolbox.load(from_values({"integrations": folder / "integrations"})).facts()
    assert [str(problem) for problem in files.read(folder / "plan.yaml", tools)[1]] == []


def test_names_that_it_tells_are_there() -> None:
    errors = set(re.findall(r"^\| `(Tool\w+)", PAGE, re.MULTILINE))
    imported = set(re.findall(r"requests import ([\w, ]+)$", blocks("python")[1], re.MULTILINE)[0].split(", "))
    assert errors
    assert [name for name in errors | imported if not hasattr(requests, name)] == []
    assert set(re.findall(r"^\| `(\w+)\(", PAGE, re.MULTILINE)) - errors <= set(fields(requests.Integration))
    assert {"retries", "stages", "subject"} <= set(fields(requests.Tool))


def fields(kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]
