"""``voicegw outcomes``: what happened on calls."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from voicegw import config
from voicegw.audio import wav
from voicegw.commands.moment import Moment
from voicegw.commands.stored_calls import find_story, with_store
from voicegw.errors import SetupError
from voicegw.gateway import retention
from voicegw.outcomes.action import ActionRow
from voicegw.outcomes.columns import call_to_columns
from voicegw.outcomes.exporting import story_values, to_csv, to_json
from voicegw.outcomes.ledger import Ledger
from voicegw.outcomes.listing import render_list
from voicegw.outcomes.migrate import check_migrated
from voicegw.outcomes.personal import masked_call, masked_story
from voicegw.outcomes.queries import Wanted
from voicegw.outcomes.record import DISPOSITIONS
from voicegw.outcomes.retention import Deleted
from voicegw.outcomes.rows import CallStory
from voicegw.outcomes.show import render_call
from voicegw.outcomes.store import OutcomeStore
from voicegw.recording import files as recordings
from voicegw.session.vault import key_bytes
from voicegw.wire.messages import RATE_HZ

_R = TypeVar("_R")


_settings = click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file of settings.")
_personal = click.option("--personal-data", is_flag=True, help="Numbers, words and slots as they are, unmasked.")
_narrowing = (
    click.option("--since", type=Moment(), help="Began then or later: 2h, 7d, today, 2026-03-15, 2026-03-15T18:35."),
    click.option("--until", type=Moment(), help="Began before then."),
    click.option("--number", help="Caller's or callee's, with or without +."),
    click.option("--dialplan", help="Name of the dialplan."),
    click.option("--version", type=click.IntRange(min=0), help="Version of the dialplan; 0: its file, unpublished."),
    click.option("--disposition", type=click.Choice(DISPOSITIONS), help="How it ended."),
)


def _narrowed(function: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_narrowing):
        function = option(function)
    return function


@click.group("outcomes")
def command() -> None:
    """What happened on calls.

    Example: voicegw outcomes show last
    """


@command.command("list")
@_narrowed
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@_personal
@_settings
def list_calls(limit: int, as_json: bool, personal_data: bool, file: Path | None, **narrowing: Any) -> None:
    """Calls, newest first.

    Example: voicegw outcomes list --since today --disposition failed
    """
    wanted = Wanted(limit=limit, **narrowing)
    calls = with_store(file, lambda store: store.list_calls(wanted))
    shown = calls if personal_data else [masked_call(call) for call in calls]
    if as_json:
        click.echo(json.dumps([call_to_columns(call) for call in shown], indent=2, ensure_ascii=False))
    elif shown:
        Console().print(render_list(shown))
    else:
        click.echo("no calls" + (" like that" if wanted != Wanted(limit=limit) else " yet"), err=True)


@command.command("show")
@click.argument("call")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@_settings
def show_call(call: str, as_json: bool, file: Path | None) -> None:
    """One call: what was said, where the time of each turn went, how it ended; with personal data.

    CALL is an id, the beginning of one, or `last`.

    Example: voicegw outcomes show last
    """
    story = with_store(file, lambda store: find_story(store, call))
    actions = asyncio.run(_actions(config.load(file).resolved_database_url, story.call.call_id))
    if as_json:
        values = story_values(story) | {"actions": [asdict(action) for action in actions]}
        click.echo(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        Console().print(render_call(story.call, story.turns, story.events, actions))


@command.command("recording")
@click.argument("call")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="WAV to write.")
@_settings
def recording(call: str, out: Path, file: Path | None) -> None:
    """Decrypt a call's recording: stereo, the caller left, the agent right; silent where a secret was given.

    CALL is an id, the beginning of one, or `last`. The key is the setting privacy.key.

    Example: voicegw outcomes recording last --out call.wav
    """
    settings = config.load(file)
    story = with_store(file, lambda store: find_story(store, call))
    pcm = recordings.read(settings.recordings_dir, story.call.call_id, key_bytes(settings.privacy.key))
    wav.write(out, pcm, RATE_HZ)
    click.echo(f"{len(pcm) / RATE_HZ:.1f} s in {out}", err=True)


@command.command("purge")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@_settings
def purge(dry_run: bool, as_json: bool, file: Path | None) -> None:
    """Delete words, values and recordings that are older than their dialplan's `privacy: retention_days`.

    The service does it once a day by itself; the rows stay, for counts.

    Example: voicegw outcomes purge --dry-run
    """
    settings = config.load(file)

    async def run() -> dict[str, Deleted]:
        await check_migrated(settings.resolved_database_url)
        return await retention.purge(settings, dry_run=dry_run)

    deleted = asyncio.run(run())
    if as_json:
        click.echo(json.dumps({name: vars(what) for name, what in deleted.items()}, indent=2))
        return
    did = "would be deleted" if dry_run else "deleted"
    for name, what in deleted.items():
        words = f"words of {what.calls} calls ({what.turns} turns)"
        click.echo(f"{name or '(no dialplan)'}: {words}, {what.recordings} recordings {did}")
    if not deleted:
        click.echo("nothing is due")


@command.command("export")
@_narrowed
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True,
              help="csv: a line a call; json: with their turns.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; else standard output.")
@_personal
@_settings
def export(form: str, output: Path | None, personal_data: bool, file: Path | None, **narrowing: Any) -> None:
    """All calls, newest first, for other programs.

    Example: voicegw outcomes export --since 7d --format csv -o calls.csv
    """
    wanted = Wanted(**narrowing)

    async def write(store: OutcomeStore) -> int:
        with _opened(output) as target:
            return await _write_all(store, wanted, form, personal_data, target)

    written = with_store(file, write)
    if output:
        click.echo(f"{written} calls in {output}", err=True)


async def _write_all(store: OutcomeStore, wanted: Wanted, form: str, personal_data: bool, target: TextIO) -> int:
    written = 0
    columns = (SpinnerColumn(), TextColumn("{task.completed:.0f} calls"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("")

        async def stories() -> AsyncIterator[CallStory]:
            nonlocal written
            async for story in store.export(wanted):
                written += 1
                progress.update(task, completed=written)
                yield story if personal_data else masked_story(story)

        async for piece in to_csv(stories()) if form == "csv" else to_json(stories()):
            target.write(piece)
    return written


def _opened(output: Path | None) -> Any:
    if output is None:
        return nullcontext(sys.stdout)
    try:
        return output.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise SetupError(f"cannot write {output}: {error.strerror}") from None


async def _actions(url: str, call_id: str) -> list[ActionRow]:
    ledger = Ledger(url)
    try:
        return await ledger.of_call(call_id)
    finally:
        await ledger.close()
