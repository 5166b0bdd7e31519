"""Words that were said, found: SQLite's full-text index or PostgreSQL's."""

import re
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal_column, select, text
from sqlalchemy.sql.expression import exists

from voicegw.outcomes.tables import calls, turns

FEW = 3000
"""Turns; where more have the words, calls are read from the newest on, which soon fills a page."""
_CONFIG: ColumnElement[Any] = literal_column("'simple'::regconfig")


def said(connection: Connection, words: str) -> ColumnElement[bool] | None:
    """That one turn of a call has all of ``words``, or words that begin so; None: there are no words to look for."""
    wanted = re.findall(r"\w+", words)
    if not wanted:
        return None
    if connection.dialect.name == "postgresql":
        query = func.to_tsquery(_CONFIG, " & ".join(f"{word}:*" for word in wanted))
        spoken = func.to_tsvector(_CONFIG, turns.c.caller_text + literal_column("' '") + turns.c.agent_text)
        return exists().where(turns.c.call_id == calls.c.call_id, spoken.op("@@")(query))
    return _on_sqlite(connection, wanted)


def _on_sqlite(connection: Connection, words: list[str]) -> ColumnElement[bool]:
    matches = text("SELECT rowid FROM turn_words WHERE turn_words MATCH :query LIMIT :most")
    query = " ".join(f'"{word}"*' for word in words)
    rows = list(connection.execute(matches, {"query": query, "most": FEW + 1}).scalars())
    rowid: ColumnElement[int] = literal_column("turns.rowid")
    if len(rows) <= FEW:
        return calls.c.call_id.in_(select(turns.c.call_id).where(rowid.in_(rows)))
    spoken = func.lower(turns.c.caller_text + " " + turns.c.agent_text)
    has_all = [func.instr(spoken, word.lower()) > 0 for word in words]
    return exists().where(turns.c.call_id == calls.c.call_id, *has_all)
