"""``voicegw qa chaos``: whatever dies, what callers said yes to is done once."""

import asyncio
import json
import secrets
import sys

import click
from rich.console import Console

from voicegw import config, log
from voicegw.qa.benching import REPOSITORY, commit, machine
from voicegw.qa.chaos.running import How, run
from voicegw.qa.figures import Results

MINUTE_S = 60.0


@click.command("chaos")
@click.option("--minutes", type=float, default=5.0, show_default=True, help="How long faults go on.")
@click.option("--seed", type=int, default=None, help="The same seed chooses the same callers and faults.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(minutes: float, seed: int | None, as_json: bool) -> None:
    """Real calls that book, pay and ask; meanwhile processes are killed, servers go away, the backend misbehaves.

    Then the world is audited: every confirmed write happened once, nothing else happened, every call has one record,
    every promise was kept. Starts a service and servers of its own. Exit code 1: something was lost or doubled.

    Example: voicegw qa chaos --minutes 2
    """
    log.configure(level="error")
    config.load()  # says what is wrong with the settings before anything is started
    chosen = seed if seed is not None else secrets.randbelow(10**6)
    with Console(stderr=True).status("") as status:
        chaos = asyncio.run(run(How(minutes * MINUTE_S, chosen, status.update)))
    results = Results(commit(REPOSITORY), machine(), chaos.figures())
    if as_json:
        more = {"seed": chosen, "violations": chaos.found}
        click.echo(json.dumps(results.as_json() | more, indent=1, ensure_ascii=False))
    else:
        Console().print(results.as_table())
        click.echo(f"seed {chosen}")
        for violation in chaos.found:
            click.echo(f"violation: {violation}")
    sys.exit(0 if results.meets else 1)
