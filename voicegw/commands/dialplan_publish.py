"""``voicegw dialplan publish``, ``rollout`` and ``rollback``: which version takes calls."""

import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from voicegw import config, log
from voicegw.commands.dialplan_shared import counted, json_option, settings_option
from voicegw.config import Settings
from voicegw.outcomes.migrate import check_migrated
from voicegw.publishing import bundles
from voicegw.publishing.record import Change, InForce, shown
from voicegw.publishing.store import Author, VersionStore
from voicegw.qa.examining import BY_CHECK, Examined, examine

_by = click.option("--by", default=getpass.getuser, show_default="your user name", help="Who does it, for the history.")
_note = click.option("--note", default="", help="Why, for the history.")
_percent = click.IntRange(1, 100)


@click.command("publish")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--percent", type=_percent, default=100, show_default=True, help="Try it on so many callers of a hundred."
)
@_note
@_by
@json_option
@settings_option
def publish(file: Path, percent: int, note: str, by: str, as_json: bool, settings_file: Path | None) -> None:
    """Give a dialplan the next version number and put it in force.

    What `check` and the dialplan's own tests find is told, and then nothing is published: exit code 2 for errors of
    the file, 1 for tests that fail. Running services take the version within two seconds; calls in progress go on
    with theirs.

    Example: voicegw dialplan publish dialplans/acme-orders.yaml --percent 10 --note "asks for the order first"
    """
    settings = config.load(settings_file)
    log.configure(level="warning")
    with Console(stderr=True).status("checking and testing"):
        examined = asyncio.run(examine(file, settings))
    if examined.exit_code or examined.plan is None:
        _refuse(file, examined, as_json)
    change = asyncio.run(_publish(file, examined, percent, Author(by, note), settings))
    if as_json:
        problems = [asdict(problem) for problem in examined.problems]
        click.echo(json.dumps({"published": True, **as_values(change), "problems": problems}, indent=2))
        return
    for problem in examined.problems:
        click.echo(str(problem))
    click.echo(f"{counted(examined.tests, 'conversation')} came out right\n{told(change.in_force)}")


@click.command("rollout")
@click.argument("name")
@click.option("--percent", type=click.IntRange(0, 100), required=True, help="Of a hundred callers; 100: all, 0: none.")
@_note
@_by
@json_option
@settings_option
def rollout(name: str, percent: int, note: str, by: str, as_json: bool, settings_file: Path | None) -> None:
    """Give the version on trial to more callers, or fewer; 100 puts it in force, 0 ends the trial.

    A caller who has had the trial keeps it while the share grows.

    Example: voicegw dialplan rollout acme-orders --percent 50
    """
    _change(settings_file, as_json, lambda store: store.roll_out(name, percent, Author(by, note)))


@click.command("rollback")
@click.argument("name")
@click.option("--to", type=click.IntRange(min=0), help="Version; 0: the file. Default: end the trial, or go back one.")
@_note
@_by
@json_option
@settings_option
def rollback(name: str, to: int | None, note: str, by: str, as_json: bool, settings_file: Path | None) -> None:
    """Put an earlier version in force, for all callers, within two seconds.

    Example: voicegw dialplan rollback acme-orders --note "did not understand order numbers"
    """
    _change(settings_file, as_json, lambda store: store.roll_back(name, Author(by, note), to))


def told(known: InForce) -> str:
    """In a sentence."""
    base = f"{known.name}: {shown(known.version)} is in force"
    return base if known.trial is None else f"{base}; v{known.trial} is on trial with {known.percent}% of callers"


def as_values(change: Change) -> dict[str, object]:
    """For programs."""
    values = asdict(change)
    return {**values.pop("in_force"), **values}


async def _publish(file: Path, examined: Examined, percent: int, author: Author, settings: Settings) -> Change:
    assert examined.plan is not None
    store = VersionStore(settings.resolved_database_url)
    try:
        bundle = bundles.read_bundle(file, examined.plan)
        vectors = examined.vectors
        return await store.publish(examined.plan, bundle, author, percent=percent, vectors=vectors)
    finally:
        await store.close()


def _refuse(file: Path, examined: Examined, as_json: bool) -> None:
    if as_json:
        problems = [asdict(problem) for problem in examined.problems]
        click.echo(json.dumps({"published": False, "problems": problems}, indent=2))
    else:
        for problem in examined.problems:
            click.echo(str(problem))
        why = "errors" if examined.exit_code == BY_CHECK else "conversations that do not come out as they say"
        click.echo(f"{file} was not published, for its {why}", err=True)
    sys.exit(examined.exit_code)


def _change(settings_file: Path | None, as_json: bool, act: Callable[[VersionStore], Awaitable[Change]]) -> None:
    url = config.load(settings_file).resolved_database_url

    async def run() -> Change:
        await check_migrated(url)
        store = VersionStore(url)
        try:
            return await act(store)
        finally:
            await store.close()

    change = asyncio.run(run())
    click.echo(json.dumps(as_values(change), indent=2) if as_json else told(change.in_force))
