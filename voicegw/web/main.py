"""``python -m voicegw.web.main``: the web process. Settings come as JSON on stdin, the port is told on the link."""

import asyncio
import json
import os
import signal
import socket
import sys
from dataclasses import replace

import click
import uvicorn

from voicegw import config, log
from voicegw.config import Settings
from voicegw.errors import PortBusy, VoicegwError
from voicegw.loaded import keep_loaded
from voicegw.publishing import bundles
from voicegw.session.store import SessionStore
from voicegw.web import app, machine
from voicegw.web.console import Console
from voicegw.web.desk import Desk
from voicegw.web.talking import Talking
from voicegw.wire.link import Link
from voicegw.wire.messages import WebReady

logger = log.get_logger()


def listening(settings: Settings) -> socket.socket:
    """
    :raises PortBusy: somebody else listens there.
    """
    web = settings.web
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((web.host, web.port))
        sock.listen()  # now, not when the server runs: whoever is told the port may come at once
    except OSError as error:
        sock.close()
        raise PortBusy(
            f"web.port {web.host}:{web.port} cannot be used ({error.strerror}): stop what listens there, or set another"
        ) from None
    return sock


async def serve(settings: Settings, link: Link, cell_link: Link) -> None:
    """Until the service stops us or is gone."""
    sock = listening(settings)
    store = SessionStore(settings.redis_url, settings.data_dir / "spool")

    def stop() -> None:
        server.should_exit = True
        console.live.end()

    talking = Talking(cell_link, settings.data_dir / bundles.FOLDER, settings.web.ice_servers)
    desk = Desk(link, stop)
    console = replace(Console.on(settings, store), report=desk.report, talking=talking)
    application = app.make(console)
    application.include_router(machine.router(settings.web, desk.report))
    server = uvicorn.Server(
        uvicorn.Config(application, log_config=None, access_log=False, lifespan="off", server_header=False)
    )
    loop = asyncio.get_running_loop()
    loop.add_reader(link, desk.read)
    keep_loaded()
    link.send(WebReady(os.getpid(), sock.getsockname()[1]))
    try:
        await server.serve([sock])
    finally:
        loop.remove_reader(link)
        await talking.close()
        await console.close()
        await store.close()


@click.command()
@click.option("--link-fd", type=int, required=True)
@click.option("--cell-fd", type=int, required=True)
def main(link_fd: int, cell_fd: int) -> None:
    """Answer HTTP until told to stop."""
    settings = config.from_values(json.load(sys.stdin))
    log.configure_from(settings.log)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        asyncio.run(serve(settings, Link.from_fd(link_fd), Link.from_fd(cell_fd)))
    except VoicegwError as error:
        print(f"voicegw: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
