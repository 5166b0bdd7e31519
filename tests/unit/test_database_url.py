"""URLs of databases, as people write them."""

import pytest

from voicegw.errors import SettingsError
from voicegw.outcomes.database import parse_url, shown


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("sqlite:////data/calls.sqlite", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:////data/calls.sqlite", "sqlite+aiosqlite"),
        ("postgresql://u:p@db/voicegw", "postgresql+asyncpg"),
        ("postgres://u:p@db/voicegw", "postgresql+asyncpg"),
        ("postgresql+psycopg2://u:p@db/voicegw", "postgresql+asyncpg"),
    ],
)
def test_the_driver_is_ours_whatever_was_written(text: str, driver: str) -> None:
    assert parse_url(text).drivername == driver


def test_libpqs_sslmode_is_understood() -> None:
    assert parse_url("postgresql://db/voicegw?sslmode=require").query == {"ssl": "require"}


def test_a_url_is_shown_without_password_and_driver() -> None:
    text = shown(parse_url("postgresql://u:secret@db:5433/voicegw"))
    assert text == "postgresql://u:***@db:5433/voicegw"


@pytest.mark.parametrize("text", ["", "calls.sqlite", "mysql://db/x", "http://x"])
def test_what_is_no_database_is_said_to_be_so(text: str) -> None:
    with pytest.raises(SettingsError, match="database_url"):
        parse_url(text)


def test_a_wrong_url_does_not_show_its_password() -> None:
    with pytest.raises(SettingsError) as told:
        parse_url("mysql://u:secret@db/x")
    assert "secret" not in str(told.value)
