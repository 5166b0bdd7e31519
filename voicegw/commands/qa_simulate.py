"""``voicegw qa simulate``: callers who decide by a language model what to say."""

import asyncio
import json
import sys
import time
from pathlib import Path

import click
from rich.console import Console

from voicegw import config, log
from voicegw.commands.qa_shared import KEEP, as_json_values, runner_option, show
from voicegw.config import Settings
from voicegw.errors import SetupError
from voicegw.gateway.llm import local_model
from voicegw.qa.scenarios.files import Placed, find
from voicegw.qa.scenarios.model import Runner
from voicegw.qa.scenarios.results import RunResults, new_folder, save
from voicegw.qa.scenarios.running import How
from voicegw.qa.simulated.running import simulate

SIMULATED = Path("sipp_scenarios") / "simulated"


@click.command("simulate")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER…]")
@runner_option
@click.option("--times", type=click.IntRange(1, 100), default=2, show_default=True, help="Each goal so many times.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder of runs, for `qa report` (in the data folder).")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file with settings.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(
    paths: tuple[Path, ...], runner: Runner, times: int, keep: Path | None, file: Path | None, as_json: bool
) -> None:
    """Callers with a goal, facts and a character call; the backend's state says whether they got what they wanted.

    The language model chooses what a caller does next; what a caller can tell comes from the goal alone. Goals are
    scenarios with `goal` in place of `talk`. Exit code 1: somebody did not get what must come of it.

    Example: voicegw qa simulate --times 3; voicegw qa simulate --runner sip
    """
    settings = config.load(file)
    log.configure(level="error")
    placed = [one for one in find(list(paths) or [SIMULATED]) if one.scenario.goal]
    folder = new_folder(keep or settings.data_dir / KEEP, time.time())
    console = Console(stderr=True, highlight=False)
    with console.status("") as status:
        how = How(settings, folder, status.update, lambda result: None if as_json else show(console, result))
        done = asyncio.run(_simulated(placed, runner, settings, times, how))
    save(done, folder)
    if as_json:
        click.echo(json.dumps(as_json_values(done), indent=1, ensure_ascii=False))
    else:
        reached = sum(result.ok for result in done.results)
        click.echo(f"{reached} of {len(done.results)} callers got what they called for, {done.took_s:.1f} s")
    sys.exit(0 if done.ok else 1)


async def _simulated(placed: list[Placed], runner: Runner, settings: Settings, times: int, how: How) -> RunResults:
    how.tell("starting the language model")
    async with local_model(settings) as model:
        if model is None:
            raise SetupError("simulated callers need a language model: `voicegw models pull`, or set llm.url")
        return await simulate(placed, model, times, how, runner)
