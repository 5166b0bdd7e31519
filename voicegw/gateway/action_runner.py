"""``python -m voicegw.gateway.action_runner``: the process that does what callers said yes to. Settings on stdin."""

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import click

from voicegw import config, log
from voicegw.actions.answering import answer_at
from voicegw.actions.inbox import FOLDER, INBOX, SOCKET
from voicegw.actions.judging import policies
from voicegw.actions.registry import Toolbox
from voicegw.actions.runner import ActionRunner
from voicegw.actions.workflows import Workflows
from voicegw.config import Settings
from voicegw.errors import SetupError, VoicegwError
from voicegw.outcomes.database import for_workflows
from voicegw.outcomes.ledger import Ledger
from voicegw.session.store import SessionStore
from voicegw.session.vault import Vault, key_bytes
from voicegw.wire.link import Link
from voicegw.wire.messages import Heartbeat, Stop
from voicegw.wire.place import socket_place

logger = log.get_logger()

LOCK_S = 10.0
"""How long the runner before this one may take to end."""


async def serve(settings: Settings, link: Link) -> None:
    """Until the link says stop or ends.

    :raises SetupError: something must be mended first.
    """
    async with AsyncExitStack() as stack:
        folder = settings.data_dir / FOLDER
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stack.callback(os.close, await _only_one(folder))
        await stack.enter_async_context(_running(settings, folder))
        link.send(Heartbeat())
        logger.info("actions.ready", pid=os.getpid())
        await _told_to_stop(link)


@asynccontextmanager
async def _running(settings: Settings, folder: Path) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        tools = Toolbox.load(settings)
        stack.push_async_callback(tools.close)
        ledger = Ledger(settings.resolved_database_url)
        stack.push_async_callback(ledger.close)
        await tools.open()
        if settings.privacy.key:
            store = SessionStore(settings.redis_url, settings.data_dir / "spool")
            stack.push_async_callback(store.close)
            tools.reveal = Vault(key_bytes(settings.privacy.key), store).reveal
        name = _name(folder)

        async def start(work: str) -> None:
            await workflows.start(work)

        runner = ActionRunner(name, folder / INBOX, tools, ledger, policies(settings), start)
        database = for_workflows(settings.resolved_database_url, folder)
        workflows = Workflows(database, name, runner.work)
        workflows.launch()
        server = await answer_at(socket_place(folder, SOCKET), runner.result)
        stack.callback(server.close)
        for task in (asyncio.create_task(runner.run()), asyncio.create_task(tools.work())):
            task.add_done_callback(_end_if_it_failed)
            stack.callback(task.cancel)
        yield


async def _only_one(folder: Path) -> int:
    """The lock of this machine's runner: two with one name would do work twice."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = asyncio.get_running_loop().time() + LOCK_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if asyncio.get_running_loop().time() > deadline:
                os.close(lock)
                raise SetupError(f"{folder} is used by another action runner: stop that one") from None
        await asyncio.sleep(0.05)


def _name(folder: Path) -> str:
    """Made once; it stays with the data folder, whatever the machine is called."""
    file = folder / "runner"
    if not file.exists():
        file.write_text(uuid4().hex, encoding="utf-8")
    return file.read_text(encoding="utf-8")


def _end_if_it_failed(task: "asyncio.Task[None]") -> None:
    """A runner that does nothing any more must be started again."""
    if not task.cancelled() and task.exception():
        logger.error("actions.broken", error=repr(task.exception()))
        os.kill(os.getpid(), signal.SIGKILL)


async def _told_to_stop(link: Link) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()

    def read() -> None:
        with contextlib.suppress(VoicegwError):
            try:
                while (message := link.receive()) is not None:
                    if isinstance(message, Stop):
                        stopped.set()
            except ConnectionError:
                stopped.set()

    loop.add_reader(link, read)
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    try:
        await stopped.wait()
    finally:
        loop.remove_reader(link)


@click.command()
@click.option("--link-fd", type=int, required=True)
def main(link_fd: int) -> None:
    """Do what callers said yes to, until the service stops."""
    settings = config.from_values(json.load(sys.stdin))
    log.configure_from(settings.log)
    try:
        asyncio.run(serve(settings, Link.from_fd(link_fd)))
    except SetupError as error:
        print(f"voicegw: {error}", file=sys.stderr)
        sys.stderr.flush()
        os._exit(error.exit_code)
    os._exit(0)  # threads of the library have nothing left to say


if __name__ == "__main__":
    main()
