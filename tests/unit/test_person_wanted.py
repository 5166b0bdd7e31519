"""Who asks for a person, in the usual wordings, and who only tells of one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from voicegw.nlu.languages import LANGUAGES

TABLES = Path(__file__).parent / "person"


def cases() -> Iterator[tuple[str, str, bool]]:
    for table in sorted(TABLES.glob("*.txt")):
        for line in table.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                said, _, asks = line.partition(" => ")
                yield table.stem, said, asks == "yes"


@pytest.mark.parametrize(("language", "said", "asks"), list(cases()))
def test_a_person_is_asked_for_in_the_usual_wordings(language: str, said: str, asks: bool) -> None:
    assert LANGUAGES[language].asks_for_person(said) is asks
