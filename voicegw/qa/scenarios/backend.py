"""The state of the backends, and what a call has changed in it.

Integrations that keep SQLite files in the service's data folder are looked at as they are, table by table.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from voicegw.qa.scenarios.evidence import Changes, Row

OURS = ("voicegw", "actions", "dbos")
"""Files of the service itself."""
Key = tuple[object, ...]


@dataclass(frozen=True)
class Table:
    """The rows of one table, by primary key (by all columns if there is none)."""

    rows: Mapping[Key, Row]


State = Mapping[str, Table]
"""By FILE.TABLE."""


def state(data_dir: Path) -> State:
    """The tables in the SQLite files of a data folder."""
    files = [file for file in sorted(data_dir.glob("*.sqlite")) if not file.stem.startswith(OURS)]
    return {f"{file.stem}.{name}": table for file in files for name, table in _tables(file)}


def difference(before: State, after: State) -> dict[str, Changes]:
    """What has changed, by table; tables that are as they were are left out."""
    changes = {}
    for name in sorted({*before, *after}):
        old = before[name].rows if name in before else {}
        new = after[name].rows if name in after else {}
        found = Changes(
            tuple(row for key, row in new.items() if key not in old),
            tuple(row for key, row in old.items() if key not in new),
            tuple(row for key, row in new.items() if key in old and old[key] != row),
        )
        if found != Changes():
            changes[name] = found
    return changes


def _tables(file: Path) -> Iterator[tuple[str, Table]]:
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as database:
        database.row_factory = sqlite3.Row
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        for (name,) in names.fetchall():
            keys = [column["name"] for column in database.execute(f'PRAGMA table_info("{name}")') if column["pk"]]
            rows = [_plain(row) for row in database.execute(f'SELECT * FROM "{name}"')]
            yield name, Table({tuple(row[key] for key in keys or row): row for row in rows})


def _plain(row: sqlite3.Row) -> Row:
    """Bytes (hashes, salts) as hexadecimal text."""
    return {key: value.hex() if isinstance(value := row[key], bytes) else value for key in row.keys()}  # noqa: SIM118
