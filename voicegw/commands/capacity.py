"""``voicegw capacity``: what so many calls need."""

import json
from dataclasses import asdict

import click
import psutil
from rich.console import Console
from rich.table import Table

from voicegw import config
from voicegw.gateway import capacity
from voicegw.qa.capacity_model import Machine, Need, need


@click.command()
@click.option("--calls", type=click.IntRange(1, 1_000_000), default=500, show_default=True, help="At once.")
@click.option("--cores", type=click.IntRange(1, 1024), help="Of one machine (this one's).")
@click.option("--memory-gb", type=click.FloatRange(2), help="Of one machine (this one's).")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(calls: int, cores: int | None, memory_gb: float | None, as_json: bool) -> None:
    """What so many calls at once need: machines, cores, memory, cells, from what one call was measured to cost.

    For machines like this one it goes by what `voicegw bench capacity` has measured here, if it was run.

    Example: voicegw capacity --calls 500 --cores 16 --memory-gb 64
    """
    here = psutil.cpu_count() or 1
    machine = Machine(cores or here, (memory_gb or psutil.virtual_memory().total / 2**30) * 1024)
    measured = capacity.conversations(config.load()) if cores in (None, here) else 0
    found = need(calls, machine, measured_per_machine=measured)
    if as_json:
        click.echo(json.dumps(asdict(found) | {"machine": asdict(machine), "measured_per_machine": measured}, indent=1))
    else:
        Console().print(_table(found, machine, measured=bool(measured)))


def _table(found: Need, machine: Machine, *, measured: bool) -> Table:
    by = "measured here" if measured else "by what one call costs"
    table = Table("what", title=f"{found.calls} calls at once")
    table.add_column("needed", justify="right")
    table.add_row(f"machines with {machine.cores} cores and {machine.memory_mb / 1024:.0f} GB", str(found.machines))
    table.add_row(f"calls on each, {by}", str(found.calls_per_machine))
    table.add_row("cores at work", f"{found.cores:g}")
    for role, cores in found.by_role.items():
        table.add_row(f"  {role}", f"{cores:g}")
    table.add_row("memory", f"{found.memory_mb / 1024:.1f} GB")
    table.add_row("cells (4 calls each, one to spare on each machine)", str(found.cells))
    table.add_row("audio, each way", f"{found.rtp_mbit_s:g} Mbit/s")
    return table
