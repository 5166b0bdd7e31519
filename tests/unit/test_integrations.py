"""The shipped integrations: each has what it must have, and its README's dialplan fits its tools."""

import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest

from voicegw.actions.registry import EXAMPLE_SETTINGS, Toolbox
from voicegw.config import Settings, from_values
from voicegw.dialplan import files
from voicegw.errors import SettingsError

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
PARAMETERS = [pytest.param(name, marks=pytest.mark.servers) if name == "mcp" else name for name in NAMES]
"""Which tools there are with mcp, a server tells."""


def settings_of(name: str, data_dir: Path) -> Settings:
    """As its example has them."""
    example = FOLDER / name / EXAMPLE_SETTINGS
    values = tomllib.loads(example.read_text(encoding="utf-8")) if example.exists() else {}
    if name == "mcp":
        server = FOLDER / "mcp" / "tests" / "crm_server.py"
        values["integration"]["mcp"]["servers"]["crm"] |= {"command": sys.executable, "args": [str(server), "stdio"]}
    return from_values({**values, "integrations": FOLDER, "data_dir": data_dir})


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.mark.parametrize("name", PARAMETERS)
def test_an_integration_has_a_readme_that_names_its_tools_and_tests(name: str, data_dir: Path) -> None:
    assert list((FOLDER / name / "tests").glob("test_*.py"))
    readme = (FOLDER / name / "README.md").read_text(encoding="utf-8")
    tools = Toolbox.load(settings_of(name, data_dir), [name]).tools
    assert [tool.name for tool in tools if tool.name not in readme] == []
    assert all(tool.summary for tool in tools)


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_dialplan_in_a_readme_has_no_mistake(name: str, data_dir: Path, tmp_path: Path) -> None:
    readme = (FOLDER / name / "README.md").read_text(encoding="utf-8")
    snippets = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    assert snippets
    tools = Toolbox.load(settings_of(name, data_dir), [name]).facts()
    for number, snippet in enumerate(snippets):
        file = tmp_path / f"{number}.yaml"
        file.write_text(FRAME + snippet, encoding="utf-8")
        assert [str(problem) for problem in files.read(file, tools)[1]] == []


NEED_PACKAGES = {"billing_stripe": "stripe", "scheduling_caldav": "caldav", "mcp": "mcp"}


@pytest.mark.parametrize(("name", "package"), NEED_PACKAGES.items())
def test_a_missing_package_is_one_line_that_says_what_to_install(
    name: str, package: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    required = [f'{line}; extra == "{extra}"' for extra, lines in extras.items() for line in lines]
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: required)
    for loaded in [each for each in sys.modules if each.partition(".")[0] == package]:
        monkeypatch.setitem(sys.modules, loaded, None)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"voicegw_integration_{name}", raising=False)
    with pytest.raises(SettingsError) as error:
        Toolbox.load(settings_of(name, data_dir), [name])
    to_do = rf"run `pip install 'voicegw\[{package}\]'` \(or `make all`\)"
    assert re.fullmatch(rf"integration {name}: .*{package}.*: {to_do}", str(error.value))
