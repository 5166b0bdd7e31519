"""What commands that run scenarios share."""

import click
from rich.console import Console

from voicegw.qa.scenarios.model import RUNNERS
from voicegw.qa.scenarios.results import Result, RunResults, transcript

KEEP = "qa"
"""Folder of runs in the data folder."""

runner_option = click.option("--runner", type=click.Choice(RUNNERS), default="text", show_default=True,
    help="text: seconds; audio: through a worker, without SIP; sip: real calls.")  # fmt: skip


def show(console: Console, result: Result) -> None:
    """A result as soon as it is there."""
    mark = "[green]ok[/]  " if result.ok else "[red]FAIL[/]"
    console.print(f"{mark} {result.name}  [dim]{result.took_s:.1f} s[/]")
    for problem in result.problems:
        console.print(f"     {problem}", markup=False)
    if not result.ok:
        for line in transcript(result):
            console.print(f"       {line}", markup=False)


def as_json_values(done: RunResults) -> list[dict[str, object]]:
    """A run, for programs."""
    return [
        {
            "name": result.name,
            "runner": result.runner,
            "ok": result.ok,
            "problems": [vars(problem) for problem in result.problems],
            "transcript": transcript(result),
            "latencies_ms": result.evidence.latencies_ms,
            "took_s": result.took_s,
        }
        for result in done.results
    ]
