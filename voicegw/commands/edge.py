"""``voicegw edge``: Kamailio in front of the cells."""

import asyncio
import ipaddress
import signal
from dataclasses import replace
from pathlib import Path

import click

from voicegw import config, log
from voicegw.config import Settings
from voicegw.errors import SettingsError
from voicegw.gateway.edge import kamailio, rendering
from voicegw.gateway.edge.following import Following, Gateways
from voicegw.gateway.edge.kamailio import Edge
from voicegw.gateway.edge.rendering import LOOPBACK, CellPlace, EdgePlace

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
@click.option("--gateway", "gateways", multiple=True, metavar="HOST:PORT:CALLS", help="Another machine's service, and "
              "how many calls it holds; may be given often.")  # fmt: skip
@click.option("--inside-host", default=LOOPBACK, show_default=True, help="Address towards cells and gateways.")
@click.option("--inside-port", default=5070, show_default=True, help="UDP port there.")
@click.option("--calls-each", default=CELL_CALLS, show_default=True, help="What one cell holds.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write into.")
def render(
    file: Path | None,
    cells: tuple[int, ...],
    gateways: tuple[str, ...],
    inside_host: str,
    inside_port: int,
    calls_each: int,
    out: Path,
) -> None:
    """Write Kamailio's files, and let Kamailio check them.

    Example: voicegw edge render --settings voicegw.toml --cell 6001 --cell 6002 --out /etc/voicegw/edge

    In front of machines: voicegw edge render --inside-host 10.0.0.5 --gateway 10.0.0.11:5060:16
    --gateway 10.0.0.12:5060:16 --out /etc/voicegw/edge
    """
    if not cells and not gateways:
        raise SettingsError("no cells: give the port of each with --cell, or machines with --gateway")
    settings = config.load(file)
    place = replace(kamailio.place(settings, out.absolute(), settings.sip.port, inside_port), inside_host=inside_host)
    places = [CellPlace(port, calls_each, number) for number, port in enumerate(cells, 1)]
    places += [_gateway(text, number) for number, text in enumerate(gateways, len(places) + 1)]
    kamailio.write(out, rendering.files(settings, place, places))
    asyncio.run(kamailio.check(out / rendering.CONFIG_NAME))
    click.echo(f"{out / rendering.CONFIG_NAME}: taken by Kamailio; run it: kamailio -DD -E -f {out}/kamailio.cfg")


@command.command("run")
@click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file with settings.")
@click.option("--gateways", required=True, metavar="NAME:PORT:CALLS", help="Name of all gateways, and what each holds.")
@click.option("--inside-host", default=LOOPBACK, show_default=True, help="Address towards the gateways.")
@click.option("--inside-port", default=5070, show_default=True, help="UDP port there.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="For its files.")
def run(file: Path | None, gateways: str, inside_host: str, inside_port: int, folder: Path) -> None:
    """Run Kamailio in front of many machines, and follow them as they come and go, until stopped.

    Example: voicegw edge run --inside-host 10.0.0.5 --gateways gateways.example.com:5060:16 --folder /run/edge
    """
    settings = config.load(file)
    log.configure_from(settings.log)
    place = replace(
        kamailio.place(settings, folder.absolute(), settings.sip.port, inside_port), inside_host=inside_host
    )
    asyncio.run(_run(settings, place, Gateways.parse(gateways)))


async def _run(settings: Settings, place: EdgePlace, gateways: Gateways) -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    hosts = sorted(await gateways.hosts())
    places = [CellPlace(gateways.port, gateways.calls, number, host) for number, host in enumerate(hosts, 1)]
    edge = Edge(settings, place, places)
    await edge.start()
    following = asyncio.create_task(Following(edge, gateways).run())
    try:
        await stop.wait()
    finally:
        following.cancel()
        await edge.stop()


def _gateway(text: str, number: int) -> CellPlace:
    """:raises SettingsError: it is not ADDRESS:PORT:CALLS."""
    try:
        host, port, calls = text.split(":")
        return CellPlace(int(port), int(calls), number, str(ipaddress.IPv4Address(host)))
    except ValueError:
        raise SettingsError(f"--gateway {text}: write an IPv4 address, UDP port and calls: 10.0.0.11:5060:16") from None
