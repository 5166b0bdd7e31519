"""Values in callers' words, by tables: what was said, and what it means."""

from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest

from voicegw.nlu.expecting import Expecting
from voicegw.nlu.slots import parse

TODAY, NOW = date(2022, 3, 15), time(9)
TABLES = Path(__file__).parent / "values"
LEAST_CASES = 300


def cases() -> Iterator[tuple[str, str, str]]:
    for table in sorted(TABLES.glob("*.txt")):
        for line in table.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                said, _, meant = line.partition(" => ")
                yield table.stem, said, meant


def written(value: object) -> str:
    """As the tables have it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return f"{value['start']}/{value['end']}" if "start" in value else str(value["amount"])
    return str(value)


@pytest.mark.parametrize(("kind", "said", "meant"), list(cases()))
def test_words_mean_what_the_table_says(kind: str, said: str, meant: str) -> None:
    found = [each for each in parse(said, Expecting(kind, kind), TODAY, NOW) if each.kind == kind]
    assert [written(each.value) for each in found[-1:]] == [meant]


def test_the_tables_are_long() -> None:
    assert len(list(cases())) >= LEAST_CASES
