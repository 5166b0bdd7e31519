"""Users and the secrets that stand for them, in the database."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from voicegw.accounts.record import Credential, Kind, Role, User, Who, who_is
from voicegw.accounts.secrets import TOKEN_PREFIX, digest, new_secret
from voicegw.accounts.tables import credentials, users
from voicegw.errors import SetupError
from voicegw.outcomes.database import connect, parse_url, reading, writing

SESSION_S = 12 * 3600.0
"""A working day; then one signs in again."""
LINK_S = 24 * 3600.0
_USER = tuple(field.name for field in fields(User))
_CREDENTIAL = tuple(field.name for field in fields(Credential))


class AccountStore:
    """Accounts in the database that ``url`` names; the schema is there (``migrate``). Times are Unix seconds."""

    def __init__(self, url: str) -> None:
        """:raises SettingsError: not a URL of a database we speak to."""
        self._engine = connect(parse_url(url))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    # --- users ------------------------------------------------------------------------------------------------------

    async def users(self) -> list[User]:
        """All, by name."""
        async with reading(self._engine) as connection:
            return [_user(row) for row in (await connection.execute(select(users).order_by(users.c.name))).mappings()]

    async def find(self, name: str) -> User | None:
        """By name."""
        return await self._one(users.c.name == name)

    async def find_subject(self, subject: str) -> User | None:
        """By what an OpenID provider calls them."""
        return await self._one(users.c.subject == subject)

    async def add(self, user: User) -> None:
        """
        :raises SetupError: there is one of that name.
        """
        async with writing(self._engine) as connection:
            taken = await connection.scalar(select(func.count()).where(users.c.name == user.name))
            if taken:
                raise SetupError(f"there is a user {user.name} already")
            await connection.execute(insert(users).values(asdict(user)))

    async def change(self, name: str, **values: object) -> None:
        """Set columns of a user. Sessions and links of theirs end, since they may not do the same any more.

        :raises SetupError: no such user, or nobody would be left who may change users.
        """
        async with writing(self._engine) as connection:
            rows = (await connection.execute(select(users))).mappings()
            known = {row["name"]: _user(row) for row in rows}
            if name not in known:
                raise SetupError(f"there is no user {name}")
            known[name] = replace(known[name], **values)  # type: ignore[arg-type]
            if not any(user.role is Role.ADMIN and not user.disabled for user in known.values()):
                raise SetupError("somebody must stay admin: make another one first")
            await connection.execute(update(users).where(users.c.name == name).values(values))
            ended = (credentials.c.user == name) & credentials.c.kind.in_((Kind.SESSION, Kind.LINK))
            await connection.execute(delete(credentials).where(ended))

    # --- credentials ------------------------------------------------------------------------------------------------

    async def open_session(self, user: str, now: float) -> str:
        """The secret of a new session; those that have ended are swept out."""
        async with writing(self._engine) as connection:
            await connection.execute(delete(credentials).where(credentials.c.ends_at <= now))
        return await self._new(Kind.SESSION, user, now, now + SESSION_S)

    async def new_link(self, user: str, now: float) -> str:
        """The secret of a link that lets ``user`` choose a password; then all of theirs open nothing any more."""
        return await self._new(Kind.LINK, user, now, now + LINK_S)

    async def new_token(
        self, user: str, label: str, scopes: tuple[Role, ...], now: float, ends_at: float | None = None
    ) -> str:
        """The secret of a new token of the API."""
        return await self._new(Kind.TOKEN, user, now, ends_at, label, scopes, TOKEN_PREFIX)

    async def who(self, kind: Kind, secret: str, now: float) -> Who | None:
        """Whom ``secret`` stands for; None: nobody, or not any more."""
        found = (credentials.c.digest == digest(secret)) & (credentials.c.kind == kind)
        query = select(credentials, users).join(users, users.c.name == credentials.c.user).where(found)
        async with reading(self._engine) as connection:
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            return None
        # ``made_at`` is a column of both tables.
        credential = _credential({**row, "made_at": row[credentials.c.made_at]})
        if credential.ends_at is not None and credential.ends_at <= now:
            return None
        return who_is(_user({**row, "made_at": row[users.c.made_at]}), credential)

    async def tokens(self, user: str | None = None) -> list[Credential]:
        """Tokens of the API, newest first; None: everybody's."""
        query = select(credentials).where(credentials.c.kind == Kind.TOKEN).order_by(credentials.c.made_at.desc())
        if user is not None:
            query = query.where(credentials.c.user == user)
        async with reading(self._engine) as connection:
            return [_credential(row) for row in (await connection.execute(query)).mappings()]

    async def end(self, digest_: str) -> None:
        """Let the secret of this digest stand for nobody."""
        async with writing(self._engine) as connection:
            await connection.execute(delete(credentials).where(credentials.c.digest == digest_))

    async def _new(
        self,
        kind: Kind,
        user: str,
        now: float,
        ends_at: float | None,
        label: str = "",
        scopes: tuple[Role, ...] = (),
        prefix: str = "",
    ) -> str:
        secret = new_secret(prefix)
        made = Credential(digest(secret), kind, user, now, ends_at, label, scopes)
        async with writing(self._engine) as connection:
            await connection.execute(insert(credentials).values(asdict(made) | {"scopes": list(scopes)}))
        return secret

    async def _one(self, condition: Any) -> User | None:
        async with reading(self._engine) as connection:
            row = (await connection.execute(select(users).where(condition))).mappings().first()
        return _user(row) if row is not None else None


def _user(row: Mapping[Any, Any]) -> User:
    return User(**{name: row[name] for name in _USER} | {"role": Role(row["role"])})


def _credential(row: Mapping[Any, Any]) -> Credential:
    values = {name: row[name] for name in _CREDENTIAL}
    scopes = tuple(Role(scope) for scope in row["scopes"])
    return Credential(**values | {"kind": Kind(row["kind"]), "scopes": scopes})
