"""``voicegw qa replay`` and ``scenario``: a call that was, once more."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from voicegw import config, log
from voicegw.commands.stored_calls import find_story, with_store
from voicegw.qa.replay.differences import as_lines
from voicegw.qa.replay.folder import write
from voicegw.qa.replay.running import recorded
from voicegw.qa.replay.running import replay as play_again
from voicegw.qa.scenarios.files import FILE
from voicegw.qa.scenarios.model import RUNNERS, Runner


@click.command("replay")
@click.argument("call")
@click.option(
    "--dialplan", "plan", type=click.Path(path_type=Path), help="The version to try: a file (those in force)."
)
@click.option("--runner", type=click.Choice(RUNNERS), help="audio: the caller's recorded voice, if there is one; text: "
              "the words as they were understood.")  # fmt: skip
@click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file with settings.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def replay(call: str, plan: Path | None, runner: Runner | None, file: Path | None, as_json: bool) -> None:
    """Play a recorded call against another version of its dialplan, and show what differs.

    The caller says and keys in what was said then, and cuts in where the caller did; tools answer what they answered.
    CALL is an id, the beginning of one, or `last`. Exit code 1: something differs besides the time it took.

    Example: voicegw qa replay last --dialplan dialplans/acme-orders.yaml
    """
    settings = config.load(file, {"dialplans": str(plan)} if plan else {})
    log.configure(level="error")
    story = with_store(file, lambda store: find_story(store, call))
    kept = recorded(story, settings)
    chosen: Runner = runner or ("audio" if kept.recording else "text")
    with Console(stderr=True).status("") as status:
        found = asyncio.run(play_again(kept, settings, chosen, status.update))
    if as_json:
        click.echo(
            json.dumps({"call": story.call.call_id, "runner": chosen, "same": found.same, **asdict(found)}, indent=1)
        )
    else:
        for line in as_lines(found):
            click.echo(line)
    sys.exit(0 if found.same else 1)


@click.command("scenario")
@click.argument("call")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to make.")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file with settings.")
def scenario(call: str, out: Path, file: Path | None) -> None:
    """Make a scenario of a call: what its caller did, what tools answered, and what came of it as what must hold.

    Of a recorded call the caller's own voice is kept beside it. CALL is an id, the beginning of one, or `last`.

    Example: voicegw qa scenario last --out sipp_scenarios/from-monday
    """
    settings = config.load(file)
    story = with_store(file, lambda store: find_story(store, call))
    write(out, story, recorded(story, settings).recording)
    click.echo(out / FILE)
