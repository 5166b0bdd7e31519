"""``voicegw dialplan list``, ``diff`` and ``compare``: what is in force, what differs, how it goes."""

import asyncio
import difflib
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table

from voicegw import config
from voicegw.commands.dialplan_publish import as_values
from voicegw.commands.dialplan_shared import json_option, settings_option
from voicegw.commands.moment import Moment
from voicegw.config import Settings
from voicegw.dialplan import files
from voicegw.errors import DialplanError, SetupError
from voicegw.outcomes.migrate import check_migrated
from voicegw.publishing import bundles
from voicegw.publishing.comparing import VersionResults, results
from voicegw.publishing.record import FROM_FILE, Bundle, Change, InForce, Version, shown
from voicegw.publishing.store import VersionStore

_R = TypeVar("_R")


@click.command("list")
@click.argument("name", required=False)
@json_option
@settings_option
def list_published(name: str | None, as_json: bool, settings_file: Path | None) -> None:
    """What is in force for each dialplan; of one that is named, all its versions and who put them in force when.

    Example: voicegw dialplan list acme-orders
    """
    settings = config.load(settings_file)
    if name is None:
        _list_all(settings, as_json)
    else:
        _list_one(settings, name, as_json)


@click.command("diff")
@click.argument("name")
@click.argument("old", type=click.IntRange(min=0), required=False)
@click.argument("new", type=click.IntRange(min=0), required=False)
@json_option
@settings_option
def diff(name: str, old: int | None, new: int | None, as_json: bool, settings_file: Path | None) -> None:
    """What differs between two versions of a dialplan; 0 is its file. Default: from the one in force to the file.

    Exits 0 if nothing differs and 1 if something does, as diff(1).

    Example: voicegw dialplan diff acme-orders 3 4
    """
    settings = config.load(settings_file)

    async def run(store: VersionStore) -> list[str]:
        older = await _in_force(store, name) if old is None else old
        newer = FROM_FILE if new is None else new
        before, after = [await _bundle(store, settings, name, version) for version in (older, newer)]
        return list(_differences(before, after, _label(name, older), _label(name, newer)))

    lines = _with_store(settings, run)
    if as_json:
        click.echo(json.dumps({"differs": bool(lines), "diff": lines}, indent=2, ensure_ascii=False))
    elif lines:
        click.echo("\n".join(lines))
    else:
        click.echo("nothing differs", err=True)
    sys.exit(1 if lines else 0)


@click.command("compare")
@click.argument("name")
@click.option("--since", type=Moment(), default="7d", show_default=True, help="Calls that began then or later.")
@json_option
@settings_option
def compare(name: str, since: float, as_json: bool, settings_file: Path | None) -> None:
    """How calls went with each version of a dialplan, side by side.

    Example: voicegw dialplan compare acme-orders --since 2d
    """
    settings = config.load(settings_file)

    async def run(_: VersionStore) -> list[VersionResults]:
        return await results(settings.resolved_database_url, name, since)

    found = _with_store(settings, run)
    if as_json:
        rows = [{**asdict(one), "no_match_percent": one.no_match_percent} for one in found]
        click.echo(json.dumps(rows, indent=2))
    elif found:
        Console().print(_side_by_side(found))
    else:
        click.echo(f"no calls of {name} since then", err=True)


def _list_all(settings: Settings, as_json: bool) -> None:
    """Works without a database too: then files are all there is."""

    async def run(store: VersionStore) -> list[Change]:
        return [(await store.history(known.name))[0] for known in await store.in_force()]

    try:
        last = _with_store(settings, run)
    except SetupError:
        if settings.database_url:
            raise
        last = []  # the service never ran here
    published = {change.in_force.name for change in last if change.in_force.version != FROM_FILE}
    drafts = {name: file for name, file in _named_files(settings).items() if name not in published}
    if as_json:
        rows = [{**as_values(change), "file": None} for change in last if change.in_force.name in published]
        rows += [{**asdict(InForce(name)), "file": str(file)} for name, file in drafts.items()]
        click.echo(json.dumps(rows, indent=2))
        return
    table = Table("dialplan", "in force", "on trial", "since", "by", "note", box=None, pad_edge=False)
    for change in last:
        if change.in_force.name in published:
            table.add_row(change.in_force.name, *_states(change.in_force), _time(change.at), change.by, change.note)
    for name, file in drafts.items():
        table.add_row(name, f"{file} (unpublished)", "", "", "", "")
    Console().print(table)


def _list_one(settings: Settings, name: str, as_json: bool) -> None:
    async def run(store: VersionStore) -> tuple[list[Version], list[Change]]:
        return await store.versions(name), await store.history(name)

    versions, history = _with_store(settings, run)
    if not versions:
        raise SetupError(f"no version of {name} was ever published: `voicegw dialplan publish FILE` does it")
    known = history[0].in_force
    if as_json:
        values = {"in_force": asdict(known), "versions": [asdict(one) for one in versions]}
        click.echo(json.dumps(values | {"history": [as_values(change) for change in history]}, indent=2))
        return
    console = Console()
    table = Table("version", "state", "published", "by", "note", box=None, pad_edge=False)
    for one in versions:
        table.add_row(f"v{one.version}", _state(known, one.version), _time(one.at), one.by, one.note)
    console.print(table)
    lines = Table("when", "what", "in force", "on trial", "by", "note", box=None, pad_edge=False)
    for change in history:
        lines.add_row(_time(change.at), change.action, *_states(change.in_force), change.by, change.note)
    console.print()
    console.print(lines)


def _states(known: InForce) -> tuple[str, str]:
    return shown(known.version), "" if known.trial is None else f"v{known.trial}, {known.percent}%"


def _state(known: InForce, version: int) -> str:
    if version == known.version:
        return "in force"
    return f"on trial, {known.percent}%" if version == known.trial else ""


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M:%S}"


async def _in_force(store: VersionStore, name: str) -> int:
    return next((known.version for known in await store.in_force() if known.name == name), FROM_FILE)


async def _bundle(store: VersionStore, settings: Settings, name: str, version: int) -> Bundle:
    if version != FROM_FILE:
        return await store.bundle(name, version)
    file = _named_files(settings).get(name)
    plan = files.read(file)[0] if file else None
    if file is None or plan is None:
        raise SetupError(f"no file in {settings.dialplans} is called {name}: name two versions, as `diff {name} 1 2`")
    return bundles.read_bundle(file, plan)


def _named_files(settings: Settings) -> dict[str, Path]:
    """Files of the dialplans' folder by name of the dialplan, as far as they can be read."""
    try:
        found = files.found(settings.dialplans)
    except DialplanError:
        return {}
    return {plan.name: file for file in found if (plan := files.read(file)[0])}


def _label(name: str, version: int) -> str:
    return f"{name} {shown(version)}"


def _differences(old: Bundle, new: Bundle, old_label: str, new_label: str) -> Iterator[str]:
    texts = {"": (old.source, new.source)}
    texts |= {f" {name}": (old.files.get(name, ""), new.files.get(name, "")) for name in {**old.files, **new.files}}
    for name, (before, after) in texts.items():
        lines = before.splitlines(), after.splitlines()
        yield from difflib.unified_diff(*lines, old_label + name, new_label + name, lineterm="")


def _side_by_side(found: list[VersionResults]) -> Table:
    table = Table("", *(f"v{one.version}" if one.version else "file" for one in found), box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    rows: dict[str, Callable[[VersionResults], str]] = {
        "calls": lambda one: str(one.calls),
        "completed": lambda one: _counted(one, one.completed),
        "handed over": lambda one: _counted(one, one.handed_over),
        "abandoned": lambda one: _counted(one, one.abandoned),
        "failed": lambda one: _counted(one, one.failed),
        "turns": lambda one: str(one.turns),
        "not understood": lambda one: (
            "" if one.no_match_percent is None else f"{one.no_match} ({one.no_match_percent}%)"
        ),
        "latency p50": lambda one: _ms(one.latency_p50_ms),
        "latency p95": lambda one: _ms(one.latency_p95_ms),
    }
    for label, cell in rows.items():
        table.add_row(label, *(cell(one) for one in found))
    return table


def _counted(one: VersionResults, count: int) -> str:
    percent = one.percent(count)
    return str(count) if percent is None else f"{count} ({percent}%)"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} ms"


def _with_store(settings: Settings, act: Callable[[VersionStore], Awaitable[_R]]) -> _R:
    url = settings.resolved_database_url

    async def run() -> _R:
        await check_migrated(url)
        store = VersionStore(url)
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())
