"""The README says what is so."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts import loaded
from voicegw.cli import COMMANDS
from voicegw.config import Settings

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return loaded(ROOT / "docs" / "settings_reference.py")


def test_the_table_of_settings_is_current(reference: ModuleType) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert reference.with_table(readme) == readme, "run: python docs/settings_reference.py --write"


def test_every_setting_is_described(reference: ModuleType) -> None:
    assert [name for name, field in reference.rows(Settings) if not field.description] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"`(?:\.venv/bin/)?voicegw ([a-z]+)\b", page.read_text(encoding="utf-8"))
    assert set(named) <= set(COMMANDS)


def test_targets_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:`|\$ )make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"))) <= targets


def test_the_reference_of_dialplans_is_current():
    reference = loaded(ROOT / "docs" / "dialplan_reference.py")
    assert reference.FILE.read_text(encoding="utf-8") == reference.page(), (
        "run: python docs/dialplan_reference.py --write"
    )
