"""Versions of dialplans in the database, and the history of what was put in force."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from voicegw.dialplan.model import Dialplan
from voicegw.errors import SetupError
from voicegw.outcomes.database import connect, parse_url, reading, writing
from voicegw.outcomes.tables import dialplan_changes as changes
from voicegw.outcomes.tables import dialplan_versions as versions
from voicegw.publishing.record import EVERYBODY, FROM_FILE, Bundle, Change, InForce, Version

_PUBLISH_LOCK = 0x766F6965
"""One at a time, so that numbers follow one another and a change sees the one before it."""
_VERSION = tuple(versions.c[field.name] for field in fields(Version))


@dataclass(frozen=True)
class Author:
    """Who changes what is in force, and what they say about it."""

    by: str
    note: str = ""


class VersionStore:
    """Published dialplans in the database that ``url`` names; the schema is there (``migrate``)."""

    def __init__(self, url: str) -> None:
        """:raises SettingsError: not a URL of a database we speak to."""
        self._engine = connect(parse_url(url))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    # --- changing what is in force ------------------------------------------------------------------------------

    async def publish(
        self, plan: Dialplan, bundle: Bundle, author: Author, *, percent: int = 100, vectors: bytes | None = None
    ) -> Change:
        """Give ``bundle``, which reads as ``plan``, the next number and put it in force, or on trial.

        Content that is the newest version's already gets no number of its own: that version is put in force.

        :param vectors: of its sentences (``KnownVectors.to_bytes``), so that services need not compute them.
        :raises SetupError: a trial of what is in force already, or beside nothing.
        """
        async with writing(self._engine) as connection:
            await _one_at_a_time(connection)
            known = await _in_force(connection, plan.name)
            if percent < EVERYBODY and known.version == FROM_FILE:
                raise SetupError(f"{plan.name} has no version in force to try it beside: publish without --percent")
            newest = await _newest(connection, plan.name)
            if newest is None or newest.digest != bundle.digest:
                number = newest.version + 1 if newest else 1
                numbers = list(plan.numbers)
                newest = Version(plan.name, number, time.time(), author.by, author.note, bundle.digest, numbers)
                await _add(connection, newest, bundle, vectors)
            if percent < EVERYBODY and newest.version == known.version:
                raise SetupError(f"{plan.name} v{newest.version} is this text already, and in force")
            return await _change(connection, known.publishing(newest.version, percent), "publish", author)

    async def roll_out(self, name: str, percent: int, author: Author) -> Change:
        """Give the version on trial another share of the callers; 100 puts it in force, 0 ends the trial.

        :raises SetupError: none is on trial.
        """
        return await self._changed(name, "rollout", author, lambda known, _: known.with_share(percent))

    async def roll_back(self, name: str, author: Author, to: int | None = None) -> Change:
        """Put an earlier version in force for everybody.

        :param to: which; None: end the trial or, without one, the version that was in force before.
        :raises SetupError: there is no such version.
        """
        return await self._changed(name, "rollback", author, lambda known, earlier: known.rolled_back(to, earlier))

    async def _changed(
        self, name: str, action: str, author: Author, decide: Callable[[InForce, int | None], InForce]
    ) -> Change:
        async with writing(self._engine) as connection:
            await _one_at_a_time(connection)
            if await _newest(connection, name) is None:
                raise SetupError(f"no dialplan {name} was ever published: `voicegw dialplan list` shows what there is")
            known = await _in_force(connection, name)
            wanted = decide(known, await _earlier(connection, known))
            for version in wanted.versions:
                await _check_exists(connection, name, version)
            return await _change(connection, wanted, action, author)

    # --- asking -------------------------------------------------------------------------------------------------

    async def last_change(self) -> int:
        """Grows with every change of anything; 0: nothing was ever published."""
        async with reading(self._engine) as connection:
            return (await connection.execute(select(func.coalesce(func.max(changes.c.id), 0)))).scalar_one()

    async def in_force(self) -> list[InForce]:
        """Of each dialplan that was ever published, by name."""
        last = select(func.max(changes.c.id)).group_by(changes.c.name)
        query = select(changes).where(changes.c.id.in_(last)).order_by(changes.c.name)
        async with reading(self._engine) as connection:
            return [_to_change(row).in_force for row in await connection.execute(query)]

    async def history(self, name: str) -> list[Change]:
        """What was put in force, newest first."""
        query = select(changes).where(changes.c.name == name).order_by(changes.c.id.desc())
        async with reading(self._engine) as connection:
            return [_to_change(row) for row in await connection.execute(query)]

    async def versions(self, name: str) -> list[Version]:
        """Newest first."""
        query = select(*_VERSION).where(versions.c.name == name).order_by(versions.c.version.desc())
        async with reading(self._engine) as connection:
            return [Version(**row._mapping) for row in await connection.execute(query)]

    async def bundle(self, name: str, version: int) -> Bundle:
        """What a version consists of.

        :raises SetupError: there is no such version, or it is not what was published.
        """
        async with reading(self._engine) as connection:
            found = (await connection.execute(_content(name, version))).one_or_none()
        if found is None:
            raise SetupError(_unknown(name, version))
        bundle = Bundle(found.source, found.files)
        if bundle.digest != found.digest:
            raise SetupError(f"{name} v{version} is not what was published: its digest does not match its text")
        return bundle

    async def numbers(self, name: str, version: int) -> list[str]:
        """That a version answers; none: there is no such version."""
        return next((one.numbers for one in await self.versions(name) if one.version == version), [])

    async def vectors(self, name: str, version: int) -> bytes | None:
        """What ``publish`` was given with it."""
        query = select(versions.c.vectors).where(versions.c.name == name, versions.c.version == version)
        async with reading(self._engine) as connection:
            return (await connection.execute(query)).scalar_one_or_none()


async def _one_at_a_time(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":  # SQLite's transactions already wait for one another
        await connection.execute(select(func.pg_advisory_xact_lock(_PUBLISH_LOCK)))


async def _in_force(connection: AsyncConnection, name: str) -> InForce:
    query = select(changes).where(changes.c.name == name).order_by(changes.c.id.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return InForce(name) if row is None else _to_change(row).in_force


async def _newest(connection: AsyncConnection, name: str) -> Version | None:
    query = select(*_VERSION).where(versions.c.name == name).order_by(versions.c.version.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Version(**row._mapping)


async def _earlier(connection: AsyncConnection, known: InForce) -> int | None:
    """The newest version below the one in force that everybody ever got."""
    below = (changes.c.name == known.name, changes.c.version < known.version, changes.c.version > FROM_FILE)
    return (await connection.execute(select(func.max(changes.c.version)).where(*below))).scalar_one()


async def _check_exists(connection: AsyncConnection, name: str, version: int) -> None:
    query = select(versions.c.version).where(versions.c.name == name, versions.c.version == version)
    if version != FROM_FILE and (await connection.execute(query)).one_or_none() is None:
        raise SetupError(_unknown(name, version))


async def _add(connection: AsyncConnection, version: Version, bundle: Bundle, vectors: bytes | None) -> None:
    content = {"source": bundle.source, "files": dict(bundle.files), "vectors": vectors}
    await connection.execute(versions.insert().values(**asdict(version), **content))


async def _change(connection: AsyncConnection, wanted: InForce, action: str, author: Author) -> Change:
    values: dict[str, Any] = {"at": time.time(), "by": author.by, "action": action, "note": author.note}
    done = await connection.execute(changes.insert().values(**values, **asdict(wanted)))
    assert done.inserted_primary_key is not None
    return Change(id=done.inserted_primary_key[0], in_force=wanted, **values)


def _content(name: str, version: int) -> Select[Any]:
    query = select(versions.c.source, versions.c.files, versions.c.digest)
    return query.where(versions.c.name == name, versions.c.version == version)


def _to_change(row: Row[Any]) -> Change:
    in_force = InForce(row.name, row.version, row.trial, row.percent)
    return Change(row.id, row.at, row.by, row.action, row.note, in_force)


def _unknown(name: str, version: int) -> str:
    return f"{name} has no version {version}: `voicegw dialplan list {name}` shows all"
