"""``voicegw serve``: the service, until stopped."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from voicegw import config, log
from voicegw.config import Settings
from voicegw.gateway.addresses import reachable_host
from voicegw.gateway.service import Running, running
from voicegw.gateway.shutdown import Patience, shut_down
from voicegw.publishing.routes import Served

logger = log.get_logger()


@click.command()
@click.option("--settings", "file", type=click.Path(path_type=Path), help="TOML file with settings.")
@click.option("--sip-host", help="Address to listen on.")
@click.option("--sip-port", type=int, help="UDP port; 0 chooses a free one.")
@click.option("--cells", type=int, help="SIP processes, each of up to 4 calls.")
@click.option("--dialplans", help="Folder of dialplans, or one file.")
@click.option("--drain-s", default=20.0, show_default=True, help="On SIGTERM, so long calls go on and may end.")
@click.option("--wrap-up-s", default=15.0, show_default=True, help="Then, so long to give callers to a person.")
def command(
    file: Path | None,
    sip_host: str | None,
    sip_port: int | None,
    cells: int | None,
    dialplans: str | None,
    drain_s: float,
    wrap_up_s: float,
) -> None:
    """Answer the phone.

    SIGTERM, or Ctrl-C: no new calls (OPTIONS is answered 503, for the load balancer), calls in progress go on; after
    --drain-s the agent gives each caller to a person, or asks them to call again. A second signal stops at once.

    Example: voicegw serve --sip-port 5080 --dialplans dialplans/acme-orders.yaml
    """
    sip = {"host": sip_host, "port": sip_port, "cells": cells}
    overrides: dict[str, Any] = {"sip": {key: value for key, value in sip.items() if value is not None}}
    if dialplans:
        overrides["dialplans"] = dialplans
    settings = config.load(file, overrides)
    log.configure_from(settings.log)
    asyncio.run(_serve(settings, Patience(drain_s, wrap_up_s)))


async def _serve(settings: Settings, patience: Patience) -> None:
    stop, hurry = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, lambda: (hurry if stop.is_set() else stop).set())
    async with running(settings) as service:
        logger.info("serve.ready", sip_port=service.sip_ports[0], sip_ports=service.sip_ports)
        terminal = Console(stderr=True)
        terminal.print(startup_page(service))
        if service.first_link:  # on a line of its own, since a frame would break it
            terminal.print(service.first_link, soft_wrap=True, highlight=False)
        await stop.wait()
        await shut_down(service.supervisor, patience, hurry)


def startup_page(service: Running) -> Panel:
    """What a person needs to make the first call."""
    host = reachable_host(service.settings.sip.host)
    port = service.sip_ports[0]
    page = Table.grid(padding=(0, 2))
    page.add_column(style="bold")
    page.add_column()
    served = service.dialplans.routes.served
    for one in served:
        for number in one.plan.numbers:
            page.add_row("Call", f"sip:{number}@{host}:{port}   ({one.plan.name}, {_in_force(one)})")
    page.add_row("Softphone", f"any (Linphone, MicroSIP): no account needed; domain/proxy {host}:{port}, UDP,")
    page.add_row("", "codecs PCMU, PCMA or G.722, no encryption, STUN/ICE off")
    page.add_row("Or try", f'voicegw call sip:{served[0].plan.numbers[0]}@{host}:{port} --say "Where is my order?"')
    if service.console_url:
        page.add_row("Console", service.console_url)
    if service.first_link:
        page.add_row("", "its first admin signs in by the link below, once, within a day")
    page.add_row("Outcomes", "voicegw outcomes list")
    page.add_row(
        "Dialplans", f"{service.settings.dialplans}; a change is taken in by `voicegw dialplan publish FILE`, at once"
    )
    page.add_row("Stop", "Ctrl-C; calls in progress may end first, a second Ctrl-C does not wait")
    return Panel(page, title="voicegw answers the phone", expand=False)


def _in_force(one: Served) -> str:
    """``file, unpublished``, or ``v3``, or ``v3, and v4 for 10% of callers``."""
    known = one.in_force
    base = f"v{known.version}" if known.version else "file, unpublished"
    return base if known.trial is None else f"{base}, and v{known.trial} for {known.percent}% of callers"
