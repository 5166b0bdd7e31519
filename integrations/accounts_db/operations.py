"""What can be done with accounts."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from voicegw.actions.requests import idempotency_key
from voicegw.actions.sql import Database

from . import secrets_kept
from .forms import Account, CodeGiven, CodeSent, Done, FactsGiven, Identified, Proven, Who
from .identity import Identity
from .secrets_kept import kept
from .settings import AccountsSettings
from .tables import accounts, changes, codes, messages


def utc_now() -> datetime:
    """Without a zone, as every database keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


class Operations:
    """Accounts in a database.

    :param now: UTC; for tests another one.
    """

    def __init__(self, database: Database, settings: AccountsSettings, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._settings = settings
        self._now = now

    async def account(self, who: Who) -> Account:
        """Whether there is such an account, and where codes go."""
        async with self._database.read() as connection:
            identity = self._identity(connection)
            row = await identity.account(who.user_id)
            if row is None:
                return Account(status="not_found")
            if await identity.is_locked(who.user_id):
                return Account(status="locked")
        return Account(phone_ending=_ending(row["phone"]))

    async def send_code(self, who: Who) -> CodeSent:
        """Send a one-time code to the phone on file."""
        async with self._database.begin() as connection:
            identity = self._identity(connection)
            row = await identity.account(who.user_id)
            if row is None:
                return CodeSent(status="not_found")
            if await identity.is_locked(who.user_id):
                return CodeSent(status="locked")
            if await identity.was_sent(who.user_id, idempotency_key()):
                return CodeSent(phone_ending=_ending(row["phone"]))
            if not await identity.may_send(who.user_id):
                return CodeSent(status="refused")
            code, now = secrets_kept.new_code(), self._now()
            row_of_code = {"account": who.user_id, "code": kept(who.user_id, code), "sent_at": now}
            await connection.execute(insert(codes), [row_of_code | {"request_key": idempotency_key()}])
            await self._message(connection, row["phone"], f"Your code is {code}. Tell it to nobody who calls you.")
        return CodeSent(phone_ending=_ending(row["phone"]))

    async def check_code(self, given: CodeGiven) -> Identified:
        """Whether the code is the one that was sent."""
        async with self._database.begin() as connection:
            identity = self._identity(connection)
            if await identity.account(given.user_id) is None:
                return Identified(status="not_found")
            if await identity.is_locked(given.user_id):
                return Identified(status="locked")
            return await identity.check_code(given.user_id, given.code)

    async def check_facts(self, given: FactsGiven) -> Identified:
        """Whether the caller knows what only the owner knows."""
        async with self._database.begin() as connection:
            identity = self._identity(connection)
            row = await identity.account(given.user_id)
            if row is None:
                return Identified(status="not_found")
            if await identity.is_locked(given.user_id):
                return Identified(status="locked")
            return await identity.check_facts(row, given.birth_date.isoformat(), given.badge)

    async def reset_password(self, by: Proven) -> Done:
        """Send a link to set a new password, once per proof."""
        text = "Set your new password within the hour: https://account.example/reset"
        return await self._change(by, "reset_password", text)

    async def unlock(self, by: Proven) -> Done:
        """Let the owner sign in again."""
        async with self._database.read() as connection:
            row = await self._identity(connection).account(by.user_id)
        if row is not None and not row["sign_in_locked"] and not await self._was_done(by, "unlock"):
            return Done(status="already")
        return await self._change(by, "unlock", "Your account can sign in again.")

    async def _change(self, by: Proven, what: str, text: str) -> Done:
        try:
            async with self._database.begin() as connection:
                identity = self._identity(connection)
                row = await identity.account(by.user_id)
                if row is None or not await identity.is_proven(by.user_id, by.proof):
                    return Done(status="refused")
                proof = {"proof": kept(by.user_id, by.proof), "what": what, "account": by.user_id, "at": self._now()}
                await connection.execute(insert(changes), [proof])
                if what == "unlock":
                    mine = accounts.c.id == by.user_id
                    await connection.execute(update(accounts).where(mine).values(sign_in_locked=False))
                await self._message(connection, row["phone"], text)
        except IntegrityError:  # it was done before, by the same proof
            pass
        return Done(phone_ending=_ending(row["phone"]) if row else "")

    async def _was_done(self, by: Proven, what: str) -> bool:
        mine = (changes.c.proof == kept(by.user_id, by.proof), changes.c.what == what)
        async with self._database.read() as connection:
            return (await connection.execute(select(changes.c.at).where(*mine))).first() is not None

    async def _message(self, connection: AsyncConnection, phone: str, text: str) -> None:
        await connection.execute(insert(messages), [{"phone": phone, "text": text, "at": self._now()}])

    def _identity(self, connection: AsyncConnection) -> Identity:
        return Identity(self._settings, connection, self._now())


def _ending(phone: str) -> str:
    return phone[-2:]
