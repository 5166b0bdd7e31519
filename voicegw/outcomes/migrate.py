"""Bring a database to the schema of this version; forward only."""

import sysconfig
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, func, select

import voicegw
from voicegw.errors import SetupError
from voicegw.outcomes.database import connect, parse_url, reading, shown, writing

NOT_OURS = frozenset({"datasource_outputs", "dbos_datasource_migrations"})
"""Tables that durable execution keeps beside ours."""
WORDS = "turn_words"
"""SQLite's index of words said, and the beginning of the names of the tables that it keeps."""
WORDS_INDEX = "ix_turns_words"
"""PostgreSQL's; an index of an expression, which no table of ours names."""
_MIGRATE_LOCK = 0x766F6964


async def migrate(url: str, revision: str = "head") -> None:
    """Bring the database to the newest schema, or to that of ``revision``; two processes may do so at once.

    :raises ServerAway: it cannot be reached.
    :raises SetupError: it was migrated by a newer version.
    """
    engine = connect(parse_url(url))
    try:
        async with writing(engine) as connection:
            await connection.run_sync(_upgrade, revision)
    except CommandError as error:
        raise SetupError(
            f"database {shown(engine.url)} was used by a newer voicegw ({error}): "
            "upgrade voicegw, or set another database_url"
        ) from None
    finally:
        await engine.dispose()


async def check_migrated(url: str) -> None:
    """Nothing, if the schema is that of this version.

    :raises ServerAway: the database cannot be reached.
    :raises SetupError: it is empty, or of another version.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        raise SetupError(_empty(shown(parsed)))
    engine = connect(parsed)
    try:
        async with reading(engine) as connection:
            found = await connection.run_sync(_revision)
    finally:
        await engine.dispose()
    if found is None:
        raise SetupError(_empty(shown(parsed)))
    if found != ScriptDirectory.from_config(_config()).get_current_head():
        raise SetupError(f"database {shown(parsed)} is of another version of voicegw: start its `voicegw serve` once")


def revisions() -> list[Script]:
    """All there are, newest first."""
    return list(ScriptDirectory.from_config(_config()).walk_revisions())


def ours(name: str | None, kind: str, _parent: object = None) -> bool:
    """Alembic's ``include_name``: whether a table, or schema, it found in the database is any of our business."""
    return not (
        (kind == "table" and (name in NOT_OURS or (name or "").startswith(WORDS)))
        or (kind == "index" and name == WORDS_INDEX)
        or (kind == "schema" and name == "dbos")
    )


def _upgrade(connection: Connection, revision: str) -> None:
    if connection.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE has already made others wait
        connection.execute(select(func.pg_advisory_xact_lock(_MIGRATE_LOCK)))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _empty(url: str) -> str:
    return f"database {url} holds no calls yet: `voicegw serve` makes it ready when it starts"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    return config


def _folder() -> Path:
    """Where the migrations lie: beside the package in a checkout, in ``share/voicegw`` of an installation."""
    places = (
        Path(voicegw.__file__).parent.parent / "migrations",
        Path(sysconfig.get_path("data")) / "share" / "voicegw" / "migrations",
    )
    for place in places:
        if (place / "env.py").is_file():
            return place
    raise SetupError(f"migrations are not in {places[0]} nor in {places[1]}: install voicegw again")
