"""Identifying a caller: one-time codes, facts, failures that lock, and proofs."""

from datetime import datetime, timedelta

from sqlalchemy import RowMapping, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import secrets_kept
from .forms import Identified
from .secrets_kept import kept, same
from .settings import AccountsSettings
from .tables import accounts, codes, failures, proofs


class Identity:
    """The rules, within a transaction that the caller opened."""

    def __init__(self, settings: AccountsSettings, connection: AsyncConnection, now: datetime) -> None:
        self._settings = settings
        self._connection = connection
        self._now = now

    async def account(self, user_id: str) -> RowMapping | None:
        """The account's row."""
        query = select(accounts).where(accounts.c.id == user_id)
        return (await self._connection.execute(query)).mappings().one_or_none()

    async def is_locked(self, user_id: str) -> bool:
        """Too many different wrong answers of late."""
        return await self.failed(user_id) >= self._settings.most_failures

    async def failed(self, user_id: str) -> int:
        """Different wrong answers of late."""
        since = self._now - timedelta(minutes=self._settings.lock_minutes)
        query = select(func.count()).where(failures.c.account == user_id, failures.c.at > since)
        return int((await self._connection.execute(query)).scalar_one())

    async def was_sent(self, user_id: str, request_key: str) -> bool:
        """A code was sent for this very request, at an earlier try."""
        query = select(codes.c.id).where(codes.c.account == user_id, codes.c.request_key == request_key)
        return bool(request_key) and (await self._connection.execute(query)).first() is not None

    async def may_send(self, user_id: str) -> bool:
        """Fewer codes than allowed were sent of late."""
        since = self._now - timedelta(minutes=self._settings.lock_minutes)
        query = select(func.count()).where(codes.c.account == user_id, codes.c.sent_at > since)
        return int((await self._connection.execute(query)).scalar_one()) < self._settings.most_codes

    async def check_code(self, user_id: str, code: str) -> Identified:
        """Whether it is the code that was sent last, and still good."""
        query = select(codes).where(codes.c.account == user_id).order_by(codes.c.sent_at.desc(), codes.c.id.desc())
        sent = (await self._connection.execute(query)).mappings().first()
        good_since = self._now - timedelta(minutes=self._settings.code_minutes)
        if sent is None or sent["sent_at"] < good_since:
            return Identified(status="expired")
        return await self._judge(user_id, code, same(sent["code"], kept(user_id, code)), "code")

    async def check_facts(self, account: RowMapping, birth_date: str, badge: str) -> Identified:
        """Whether both facts are right; it is not told which one is wrong."""
        user_id = str(account["id"])
        right = same(kept(user_id, str(account["birth_date"])), kept(user_id, birth_date))
        right &= same(account["badge"], kept(user_id, badge))
        return await self._judge(user_id, f"{birth_date} {badge}", right, "facts")

    async def is_proven(self, user_id: str, proof: str) -> bool:
        """Whether the proof is of this account, and not too old."""
        since = self._now - timedelta(minutes=self._settings.proof_minutes)
        where = [proofs.c.proof == kept(user_id, proof), proofs.c.account == user_id, proofs.c.at > since]
        return (await self._connection.execute(select(proofs.c.how).where(*where))).first() is not None

    async def _judge(self, user_id: str, answer: str, right: bool, how: str) -> Identified:
        if right:
            proof = secrets_kept.new_proof()
            row = {"proof": kept(user_id, proof), "account": user_id, "how": how, "at": self._now}
            await self._connection.execute(insert(proofs), [row])
            return Identified(proof=proof)
        await self._count(user_id, answer)
        left = max(self._settings.most_failures - await self.failed(user_id), 0)
        return Identified(status="wrong", left=left) if left else Identified(status="locked")

    async def _count(self, user_id: str, answer: str) -> None:
        wrong = kept(user_id, answer)
        mine = (failures.c.account == user_id, failures.c.answer == wrong)
        await self._connection.execute(delete(failures).where(*mine))
        await self._connection.execute(insert(failures), [{"account": user_id, "answer": wrong, "at": self._now}])
