"""``voicegw qa``: scenarios, as text, as sound, over SIP."""

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path

import click
from rich.console import Console

from voicegw import config, log
from voicegw.commands import qa_chaos, qa_replay, qa_simulate
from voicegw.commands.qa_shared import KEEP, as_json_values, runner_option, show
from voicegw.errors import SettingsError
from voicegw.qa.benching import REPOSITORY, commit, machine
from voicegw.qa.figures import Results
from voicegw.qa.load.figures import figures as load_figures
from voicegw.qa.load.page import page as load_page
from voicegw.qa.load.running import Engines, Load
from voicegw.qa.load.running import run as run_load
from voicegw.qa.report.compare import previous
from voicegw.qa.report.page import Shown, page
from voicegw.qa.scenarios.files import Placed, find
from voicegw.qa.scenarios.model import Runner, Scenario
from voicegw.qa.scenarios.results import RunResults, folders, load, new_folder, save, to_junit
from voicegw.qa.scenarios.running import How, run

SCENARIOS = Path("sipp_scenarios")


@click.group("qa")
def command() -> None:
    """Test a version as it is used: scenarios by text, by sound, and over SIP.

    Example: voicegw qa run --runner text
    """


@command.command("run")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER…]")
@runner_option
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only scenarios with this tag (or one of these).")
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit XML here.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder of runs, for `qa report` (in the data folder).")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file with settings.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def run_command(
    paths: tuple[Path, ...],
    runner: Runner,
    tags: tuple[str, ...],
    junit: Path | None,
    keep: Path | None,
    file: Path | None,
    as_json: bool,
) -> None:
    """Run the scenarios in folders (sipp_scenarios if none is named).

    Exit code 0: everything that must hold holds; 1: something does not; 2: something must be mended first.

    Example: voicegw qa run sipp_scenarios/orders-refund --runner sip --junit report.xml
    """
    settings = config.load(file)
    log.configure(level="error")
    placed = _tagged(find(list(paths) or [SCENARIOS]), tags)
    folder = new_folder(keep or settings.data_dir / KEEP, time.time())
    console = Console(stderr=True, highlight=False)
    with console.status("") as status:
        how = How(settings, folder, status.update, lambda result: None if as_json else show(console, result))
        done = asyncio.run(run(placed, runner, how))
    save(done, folder)
    if junit:
        junit.write_text(to_junit(done), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(as_json_values(done), indent=1, ensure_ascii=False))
    else:
        click.echo(_counts(done))
    sys.exit(0 if done.ok else 1)


@command.command("report")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder of runs (in the data folder).")
@click.option("--output", type=click.Path(path_type=Path), help="The page (report.html in the newest run's folder).")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file with settings.")
def report(keep: Path | None, output: Path | None, file: Path | None) -> None:
    """One HTML page of the latest run of each runner, with what changed since the runs before.

    Example: voicegw qa report --output report.html
    """
    root = keep or config.load(file).data_dir / KEEP
    runs = [(folder, load(folder)) for folder in folders(root)]
    latest = {run.results[0].runner: Shown(run, folder) for folder, run in runs if run.results}
    if not latest:
        raise SettingsError(f"{root}: nothing was run yet: `voicegw qa run` first")
    shown = list(latest.values())
    earlier = [run for _, run in runs if all(run is not one.run for one in shown)]
    target = output or runs[-1][0] / "report.html"
    target.write_text(page(shown, previous(earlier)), encoding="utf-8")
    click.echo(target)


@command.command("load")
@click.option("--calls", type=click.IntRange(1, 1000), default=20, show_default=True, help="At once, when all are up.")
@click.option("--rate", type=click.FloatRange(0.01, 100), default=2.0, show_default=True, help="New calls a second.")
@click.option("--minutes", type=click.FloatRange(0.05, 24 * 60), default=2.0, show_default=True, help="How long; soak: "
              "an hour and more.")  # fmt: skip
@click.option("--engines", type=click.Choice(["stub", "real"]), default="stub", show_default=True, help="stub: delays "
              "in place of models, to load everything else.")  # fmt: skip
@click.option("--capacity", type=click.IntRange(0, 512), default=0, help="Tell the service that it can hold so many: "
              "what becomes of the rest? Default: as many as come.")  # fmt: skip
@click.option("--soak", is_flag=True, help="Look whether memory, descriptors or processes grow.")
@click.option("--page", "page_file", type=click.Path(path_type=Path), help="Write the page here (in the data folder).")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file with settings.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def load_command(
    calls: int,
    rate: float,
    minutes: float,
    engines: Engines,
    capacity: int,
    soak: bool,
    page_file: Path | None,
    file: Path | None,
    as_json: bool,
) -> None:
    """Many real conversations at once: SIP, RTP and speech, every answer measured on the audio.

    A service is started for it, with cells and workers enough. Exit code 1: a figure misses its target.

    Example: voicegw qa load --calls 40 --rate 2 --minutes 3
    """
    settings = config.load(file)
    log.configure(level="error")
    folder = settings.data_dir / KEEP / "load"
    with Console(stderr=True).status("") as status:
        wanted = Load(calls, rate, minutes, engines=engines, capacity=capacity, soak=soak)
        done = asyncio.run(run_load(wanted, settings, folder, status.update))
    measured = Results(commit(REPOSITORY), machine(), load_figures(done))
    target = page_file or folder / "load.html"
    target.write_text(load_page(done, measured), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(measured.as_json(), indent=1, ensure_ascii=False))
    else:
        Console().print(measured.as_table())
        for reason, count in Counter(call.failure for call in done.calls if call.failure).most_common(5):
            click.echo(f"{count} calls failed: {reason}")
        click.echo(target)
    sys.exit(0 if measured.meets else 1)


@command.command("schema")
def schema() -> None:
    """The format of a scenario as JSON Schema, for editors that complete and check.

    Example: voicegw qa schema > scenario.schema.json
    """
    click.echo(json.dumps(Scenario.model_json_schema(), indent=2))


command.add_command(qa_chaos.command)
command.add_command(qa_replay.replay)
command.add_command(qa_replay.scenario)
command.add_command(qa_simulate.command)


def _tagged(placed: list[Placed], tags: tuple[str, ...]) -> list[Placed]:
    return [one for one in placed if not tags or set(tags) & set(one.scenario.tags)]


def _counts(done: RunResults) -> str:
    failed = sum(not result.ok for result in done.results)
    return f"{len(done.results)} scenarios, {failed or 'none'} failed, {done.took_s:.1f} s"
