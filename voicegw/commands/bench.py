"""``voicegw bench``: measure, and compare with what is promised."""

import asyncio
import importlib
import json
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from voicegw import config, log
from voicegw.errors import PackageMissing
from voicegw.qa import (
    bench_actions,
    bench_calls,
    bench_capacity,
    bench_console,
    bench_dialplans,
    bench_endings,
    bench_engines,
    bench_live,
    bench_outcomes,
    bench_publish,
    bench_reasoning,
    bench_recovery,
    bench_turns,
    bench_understanding,
)
from voicegw.qa.benching import REPOSITORY, Run, commit, machine
from voicegw.qa.figures import Figure, Results, merge_into


async def _from_browser(how: Run) -> tuple[Figure, ...]:
    """:raises PackageMissing: Playwright is not installed."""
    try:
        module = importlib.import_module("voicegw.qa.browser.bench")
    except ModuleNotFoundError as error:
        raise PackageMissing(str(error.name), "test") from None
    figures: tuple[Figure, ...] = await module.run(how)
    return figures


BENCHES: dict[str, Callable[[Run], Awaitable[tuple[Figure, ...]]]] = {
    "calls": bench_calls.run,
    "capacity": bench_capacity.run,
    "actions": bench_actions.run,
    "turns": bench_turns.run,
    "others": partial(bench_turns.run, file=bench_turns.SETS / "others.yaml"),
    "endings": bench_endings.run,
    "engines": bench_engines.run,
    "publish": bench_publish.run,
    "dialplans": bench_dialplans.run,
    "outcomes": bench_outcomes.run,
    "console": bench_console.run,
    "recovery": bench_recovery.run,
    "live": bench_live.run,
    "browser": _from_browser,
    "understanding": bench_understanding.run,
    "reasoning": bench_reasoning.run,
}
"""In the order in which they run."""
USUAL = ("calls", "actions", "turns", "publish")
"""What is run if none is named."""
DATA = REPOSITORY.parent / "shared" / "data"


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHES)))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--write", type=click.Path(path_type=Path), help="Keep the figures in this file, beside those of other "
              "benches: bench/latest.json.")  # fmt: skip
@click.option("--digits", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Recordings of people "
              "saying single digits, DIGIT_SPEAKER_TAKE.wav; turns adds calls with them.")  # fmt: skip
@click.option("--data", type=click.Path(path_type=Path), default=DATA, help="Folder of sentences and digits of real "
              "callers, for understanding.")  # fmt: skip
@click.option("--keep", type=click.Path(path_type=Path), help="Folder for every call's stereo WAV and report.")
@click.option("--only", multiple=True, metavar="TEXT", help="Of turns and dialplans, place only calls with TEXT in "
              "their name; the others are those that this commit left in --keep: a long bench in parts.")  # fmt: skip
@click.option("--minutes", type=click.FloatRange(min=0), default=0.0, help="Of dialplans, begin no call later; with "
              "--keep the next run goes on with those that this commit has not placed.")  # fmt: skip
@click.option("--database", default="", help="For outcomes: URL of an empty database to fill. Default: SQLite.")
def command(
    names: tuple[str, ...],
    as_json: bool,
    write: Path | None,
    digits: Path | None,
    data: Path,
    keep: Path | None,
    only: tuple[str, ...],
    minutes: float,
    database: str,
) -> None:
    """Measure groups of figures (calls, turns and publish if none is named).

    A service is started for it, with embedded defaults on a free port. Exit code 1: a figure misses its target.

    Example: voicegw bench calls --write bench/latest.json
    """
    log.configure(level="warning")
    config.load()  # says what is wrong with the settings before anything is started
    with Console(stderr=True).status("") as status:
        how = Run(status.update, digits, keep, only, database, data, minutes)
        figures = asyncio.run(_run(names or USUAL, how))
    results = Results(commit(REPOSITORY), machine(), figures)
    if write:
        merge_into(write, results)
    if as_json:
        click.echo(json.dumps(results.as_json(), indent=1, ensure_ascii=False))
    else:
        Console().print(results.as_table())
    sys.exit(0 if results.meets else 1)


async def _run(names: tuple[str, ...], how: Run) -> tuple[Figure, ...]:
    figures: list[Figure] = []
    for name in names:
        figures += await BENCHES[name](how)
    return tuple(figures)
