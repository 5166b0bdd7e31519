"""Drafts of dialplans in the database: what is being written, one for each dialplan."""

import time

from sqlalchemy import select, update

from voicegw.errors import SetupError
from voicegw.outcomes.database import connect, parse_url, reading, writing
from voicegw.outcomes.tables import dialplan_drafts as drafts
from voicegw.publishing.record import Bundle, Draft


class DraftConflict(SetupError):
    """Somebody else has saved the draft in the meantime."""


class DraftStore:
    """In the database that ``url`` names; the schema is there (``migrate``)."""

    def __init__(self, url: str) -> None:
        """:raises SettingsError: not a URL of a database we speak to."""
        self._engine = connect(parse_url(url))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def find(self, name: str) -> Draft | None:
        """The draft of that dialplan; None: there is none, or it was published or thrown away."""
        return next((draft for draft in await self._open() if draft.name == name), None)

    async def all(self) -> list[Draft]:
        """By name."""
        return await self._open()

    async def save(self, name: str, bundle: Bundle, by: str, after: int) -> Draft:
        """The next revision; the same text again stays what it is.

        :param after: the revision that was changed; 0: there was no draft.
        :raises DraftConflict: another revision is there by now.
        """
        async with writing(self._engine) as connection:
            row = (await connection.execute(select(drafts).where(drafts.c.name == name))).one_or_none()
            if row is not None and row.open:
                if row.source == bundle.source and row.files == dict(bundle.files):
                    return Draft(name, row.revision, row.at, row.by, bundle)
                if row.revision != after:
                    raise DraftConflict(f"{row.by} has saved this draft since you opened it: load the page again")
            draft = Draft(name, row.revision + 1 if row else 1, time.time(), by, bundle)
            values = {"revision": draft.revision, "at": draft.at, "by": by, "open": True}
            values |= {"source": bundle.source, "files": dict(bundle.files)}
            if row is None:
                await connection.execute(drafts.insert().values(name=name, **values))
            else:
                await connection.execute(update(drafts).where(drafts.c.name == name).values(**values))
            return draft

    async def drop(self, name: str) -> None:
        """It was published, or is not wanted; its revisions go on from where they were."""
        async with writing(self._engine) as connection:
            await connection.execute(update(drafts).where(drafts.c.name == name).values(open=False))

    async def _open(self) -> list[Draft]:
        query = select(drafts).where(drafts.c.open).order_by(drafts.c.name)
        async with reading(self._engine) as connection:
            rows = await connection.execute(query)
            return [Draft(row.name, row.revision, row.at, row.by, Bundle(row.source, row.files)) for row in rows]
