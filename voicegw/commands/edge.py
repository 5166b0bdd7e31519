"""``voicegw edge``: Kamailio in front of the cells."""

import asyncio
from pathlib import Path

import click

from voicegw import config
from voicegw.errors import SettingsError
from voicegw.gateway.edge import kamailio, rendering
from voicegw.gateway.edge.rendering import CellPlace

CELL_CALLS = 4
"""What a cell of PyPI's pjsua2 holds."""


@click.group("edge")
def command() -> None:
    """Kamailio in front of the cells: one address for all of them.

    `voicegw serve --cells N` starts it by itself where Kamailio is installed.

    Example: voicegw edge render --cell 6001 --out /etc/voicegw/edge
    """


@command.command("render")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file with settings.")
@click.option("--cell", "cells", type=int, multiple=True, help="UDP port of a cell; may be given often.")
@click.option("--inside-port", default=5070, show_default=True, help="UDP port on loopback, towards the cells.")
@click.option("--calls-each", default=CELL_CALLS, show_default=True, help="What one cell holds.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write into.")
def render(file: Path | None, cells: tuple[int, ...], inside_port: int, calls_each: int, out: Path) -> None:
    """Write Kamailio's files, and let Kamailio check them.

    Example: voicegw edge render --settings voicegw.toml --cell 6001 --cell 6002 --out /etc/voicegw/edge
    """
    if not cells:
        raise SettingsError("no cells: give the port of each with --cell")
    settings = config.load(file)
    place = kamailio.place(settings, out.absolute(), settings.sip.port, inside_port)
    places = [CellPlace(port, calls_each, number) for number, port in enumerate(cells, 1)]
    kamailio.write(out, rendering.files(settings, place, places))
    asyncio.run(kamailio.check(out / rendering.CONFIG_NAME))
    click.echo(f"{out / rendering.CONFIG_NAME}: taken by Kamailio; run it: kamailio -DD -E -f {out}/kamailio.cfg")
