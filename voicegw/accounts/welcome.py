"""The first admin, and the link that lets them in."""

from voicegw.accounts.record import Role, User
from voicegw.accounts.store import AccountStore

FIRST_ADMIN = "admin"


async def first_secret(url: str, now: float) -> str:
    """Of a link by which the first admin chooses a password; empty once somebody can sign in.

    :param url: of the database.
    :param now: Unix time.
    """
    accounts = AccountStore(url)
    try:
        users = await accounts.users()
        if any(user.password_hash or user.subject for user in users):
            return ""
        if not users:
            await accounts.add(User(FIRST_ADMIN, Role.ADMIN, now))
        return await accounts.new_link(FIRST_ADMIN, now)
    finally:
        await accounts.close()
