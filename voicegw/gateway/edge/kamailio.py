"""Kamailio as a process: checked, started, told of cells that come and go, and ended with all its children."""

import asyncio
import contextlib
import glob
import json
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voicegw.config import Settings
from voicegw.errors import ServerAway, SetupError
from voicegw.gateway.addresses import reachable_host
from voicegw.gateway.edge import rendering
from voicegw.gateway.edge.rendering import CellPlace, EdgePlace
from voicegw.gateway.parent import ends_with_us
from voicegw.log import get_logger
from voicegw.sip.ports import sip_port

PROGRAM = "kamailio"
DEBIAN_PACKAGES = "kamailio kamailio-tls-modules"
START_S = 10.0
STOP_S = 4.0
FIRST_LOOK_S = 3.0
"""For so long calls are not taken yet if no cell has answered an OPTIONS of the edge, which sends them every second."""
CHANGE_S = 5.0
"""How long a change of its list may take."""
LOOK_EVERY_S = 0.1
RPC_S = 2.0
RESTARTS_S = (0.5, 2.0, 8.0, 30.0)
"""Pauses before an edge that died is started again; then it is given up."""
IN_USE = "A"
"""What the flags of a destination that is given calls begin with."""
_PROBLEMS = (" ERROR:", " CRITICAL:", " ALERT:", " WARNING:")

log = get_logger()


def wanted(settings: Settings) -> bool:
    """Whether these settings put an edge in front of the cells.

    :raises SetupError: they ask for one, and Kamailio is not installed.
    """
    if settings.edge.provider == "none":
        return False
    installed = shutil.which(PROGRAM) is not None
    if settings.edge.provider == "kamailio" and not installed:
        raise SetupError(f'edge.provider = "kamailio", which is not installed: apt-get install {DEBIAN_PACKAGES}')
    return installed and (settings.edge.provider == "kamailio" or settings.sip.cells > 1)


def modules_folder() -> str:
    """Where this machine's Kamailio has its modules."""
    found = glob.glob("/usr/lib/*/kamailio/modules/") + glob.glob("/usr/lib*/kamailio/modules/")
    return found[0] if found else rendering.MODULES


def place_for(settings: Settings, folder: Path) -> EdgePlace:
    """Ports and folder of an edge that is about to be started.

    :raises PortBusy: somebody else listens on the SIP port.
    """
    port = sip_port(settings.sip.host, settings.sip.port, tcp=True)
    return place(settings, folder, port, sip_port("127.0.0.1", 0))


def place(settings: Settings, folder: Path, port: int, inside_port: int) -> EdgePlace:
    """An edge with these ports on this machine."""
    host = settings.sip.host
    hidden = "" if host.startswith("127.") else secrets.token_hex(16)
    reachable = settings.sip.public_host or (reachable_host(host) if host == "0.0.0.0" else "")
    return EdgePlace(port, inside_port, folder, hidden, reachable, modules_folder())


async def check(config: Path) -> None:
    """Let Kamailio itself read a configuration (``kamailio -c``).

    :raises SetupError: it is not installed, or does not take it; with its own words.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *(PROGRAM, "-c", "-f", str(config)), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
    except FileNotFoundError:
        raise SetupError(f"Kamailio is not installed: apt-get install {DEBIAN_PACKAGES}") from None
    said, _ = await process.communicate()
    if process.returncode:
        lines = [line for line in said.decode(errors="replace").splitlines() if any(mark in line for mark in _PROBLEMS)]
        raise SetupError(f"Kamailio does not take {config}: {'; '.join(lines[-3:])}")


@dataclass
class Edge:
    """A running Kamailio. Belongs to the service's event loop."""

    settings: Settings
    place: EdgePlace
    cells: list[CellPlace]
    _process: asyncio.subprocess.Process | None = None
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    @property
    def pid(self) -> int:
        """Of Kamailio's main process, which leads a process group of its own."""
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Start it, and wait until it takes calls.

        :raises SetupError: its configuration is refused, or it did not come up.
        """
        await self._write()
        await check(self.place.folder / rendering.CONFIG_NAME)
        await self._launch()
        self._tasks.append(asyncio.create_task(self._keep_alive()))
        await self._until_in_use()

    async def stop(self) -> None:
        """End it and all its children."""
        for task in self._tasks:
            task.cancel()
        await self._end()

    async def add(self, cell: CellPlace) -> None:
        """Give calls to this cell too, once it answers.

        :raises ServerAway: the edge does not answer.
        """
        self.cells.append(cell)
        await self._write()
        await self._change("dispatcher.add", 1, cell.uri, 9, 0, cell.attributes)

    async def remove(self, cell: CellPlace) -> None:
        """Give this cell no more calls.

        :raises ServerAway: the edge does not answer.
        """
        self.cells.remove(cell)
        await self._write()
        await self._change("dispatcher.remove", 1, cell.uri)

    async def ask(self, method: str, *arguments: object) -> Any:
        """One of Kamailio's RPC commands.

        :raises ServerAway: it does not answer, or refuses.
        """
        try:
            answer = await asyncio.to_thread(_ask, self.place.folder, method, arguments)
        except OSError as error:
            raise ServerAway(f"the edge does not answer {method}: {error}") from None
        if "error" in answer:
            raise ServerAway(f"the edge refuses {method}: {answer['error'].get('message')}")
        return answer.get("result")

    async def _change(self, method: str, *arguments: object) -> None:
        """A change of the list. Kamailio takes one a second (``reload_delta``), and refuses the next."""
        give_up_at = time.monotonic() + CHANGE_S
        while True:
            try:
                await self.ask(method, *arguments)
            except ServerAway:
                if time.monotonic() > give_up_at:
                    raise
                await asyncio.sleep(LOOK_EVERY_S)
            else:
                return

    # --- the process ----------------------------------------------------------------------------------------

    async def _write(self) -> None:
        written = rendering.files(self.settings, self.place, self.cells)
        await asyncio.to_thread(write, self.place.folder, written)

    async def _launch(self) -> None:
        socket_file = self.place.folder / "rpc.sock"
        socket_file.unlink(missing_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *(PROGRAM, "-DD", "-E", "-f", str(self.place.folder / rendering.CONFIG_NAME)),
            *("-w", str(self.place.folder), "-Y", str(self.place.folder)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # killing its main process would leave children that go on serving
            preexec_fn=ends_with_us(),
        )
        self._tasks.append(asyncio.create_task(_read_log(self._process)))
        try:
            async with asyncio.timeout(START_S):
                while not await self._answers():
                    if self._process.returncode is not None:
                        raise SetupError("the edge (Kamailio) ended at once: the lines above say why")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            await self._end()
            raise SetupError(f"the edge (Kamailio) did not answer within {START_S:.0f} s") from None
        log.info("edge.ready", port=self.place.port, cells=len(self.cells), pid=self.pid)

    async def _answers(self) -> bool:
        with contextlib.suppress(ServerAway):
            await self.ask("core.uptime")
            return True
        return False

    async def _until_in_use(self) -> None:
        """A call before the first cell is known to listen would be told that all lines are busy."""
        give_up_at = time.monotonic() + FIRST_LOOK_S
        while self.cells and not await self._gives_calls():
            if time.monotonic() > give_up_at:
                log.warning("edge.no_cell_answers", cells=len(self.cells))
                return
            await asyncio.sleep(LOOK_EVERY_S)

    async def _gives_calls(self) -> bool:
        with contextlib.suppress(ServerAway):
            sets = (await self.ask("dispatcher.list"))["RECORDS"]
            flags = [target["DEST"]["FLAGS"] for one in sets for target in one["SET"]["TARGETS"]]
            return any(flag.startswith(IN_USE) for flag in flags)
        return False

    async def _keep_alive(self) -> None:
        for pause_s in RESTARTS_S:
            assert self._process
            status = await _ended(self._process)
            log.error("edge.died", status=status, again_in_s=pause_s)
            _signal_group(self.pid, signal.SIGKILL)
            await asyncio.sleep(pause_s)
            with contextlib.suppress(SetupError):
                await self._launch()
        log.error("edge.given_up", hint="no calls come in any more; see the lines above, then start the service again")

    async def _end(self) -> None:
        process = self._process
        if process is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            _signal_group(process.pid, sign)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_ended(process), STOP_S)
                break
        _signal_group(process.pid, signal.SIGKILL)


def write(folder: Path, files: dict[str, str]) -> None:
    """Each file whole or not at all; readable by its owner alone, since keys' places and secrets stand there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, text in files.items():
        draft = folder / f".{name}"
        draft.write_text(text, encoding="utf-8")
        draft.chmod(0o600)
        draft.replace(folder / name)


def _ask(folder: Path, method: str, arguments: Sequence[object]) -> dict[str, Any]:
    """JSON-RPC over a Unix datagram socket: both ends need a name."""
    own = folder / f".rpc-{secrets.token_hex(4)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(own))
        try:
            sock.settimeout(RPC_S)
            sock.connect(str(folder / "rpc.sock"))
            sock.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": arguments, "id": 1}).encode())
            answer: dict[str, Any] = json.loads(sock.recv(65_535))
            return answer
        finally:
            own.unlink(missing_ok=True)


async def _ended(process: asyncio.subprocess.Process) -> int:
    """Its exit status, once it has ended. ``wait`` would also wait for orphans of it to close their end of the log."""
    while process.returncode is None:
        await asyncio.sleep(LOOK_EVERY_S)
    return process.returncode


async def _read_log(process: asyncio.subprocess.Process) -> None:
    assert process.stderr
    async for line in process.stderr:
        text = line.decode(errors="replace").strip()
        if any(mark in text for mark in _PROBLEMS):
            log.warning("edge.said", line=text)
        else:
            log.debug("edge.said", line=text)


def _signal_group(leader: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, sign)
