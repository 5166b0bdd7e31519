"""``voicegw users``: who may sign in to the console, from the machine itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table

from voicegw import config
from voicegw.accounts.audit import AuditLog
from voicegw.accounts.record import NAME_SHAPE, Role, User
from voicegw.accounts.store import AccountStore
from voicegw.config import Settings
from voicegw.errors import SetupError
from voicegw.outcomes.migrate import check_migrated

_R = TypeVar("_R")
TERMINAL = "(terminal)"
"""Who did it, to the audit log: somebody with a shell on the machine."""
_settings = click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file of settings.")


@click.group("users")
def command() -> None:
    """Who may sign in to the console.

    Example: voicegw users link ann@example.com
    """


@command.command("list")
@_settings
def list_users(file: Path | None) -> None:
    """All of them.

    Example: voicegw users list
    """
    table = Table("name", "role", "signs in by", box=None)
    for user in _with(config.load(file), lambda accounts, _: accounts.users()):
        how = "single sign-on" if user.subject else "password" if user.password_hash else "no password yet"
        table.add_row(user.name, user.role, "disabled" if user.disabled else how)
    Console().print(table)


@command.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in Role]), default="viewer", show_default=True)
@_settings
def add(name: str, role: str, file: Path | None) -> None:
    """Somebody new; prints the link by which they choose a password.

    Example: voicegw users add ann@example.com --role qa
    """
    settings, name = config.load(file), name.lower()
    if not NAME_SHAPE.fullmatch(name):
        raise SetupError(f"{name!r} is no name: letters, digits and . _ @ + -")

    async def act(accounts: AccountStore, audit: AuditLog) -> str:
        await accounts.add(User(name, Role(role), time.time()))
        await audit.write(TERMINAL, "user.added", name, role=role)
        return await _new_link(settings, accounts, audit, name)

    click.echo(_with(settings, act))


@command.command("link")
@click.argument("name")
@_settings
def link(name: str, file: Path | None) -> None:
    """A new link for somebody who forgot their password: it opens once, within a day.

    Example: voicegw users link admin
    """
    settings, name = config.load(file), name.lower()

    async def act(accounts: AccountStore, audit: AuditLog) -> str:
        if await accounts.find(name) is None:
            raise SetupError(f"there is no user {name}: `voicegw users list`")
        return await _new_link(settings, accounts, audit, name)

    click.echo(_with(settings, act))


async def _new_link(settings: Settings, accounts: AccountStore, audit: AuditLog, name: str) -> str:
    await audit.write(TERMINAL, "link.made", name)
    secret = await accounts.new_link(name, time.time())
    return f"http://{settings.web.host}:{settings.web.port}/welcome/{secret}"


def _with(settings: Settings, act: Callable[[AccountStore, AuditLog], Awaitable[_R]]) -> _R:
    async def run() -> _R:
        url = settings.resolved_database_url
        await check_migrated(url)
        accounts, audit = AccountStore(url), AuditLog(url)
        try:
            return await act(accounts, audit)
        finally:
            await accounts.close()
            await audit.close()

    return asyncio.run(run())
