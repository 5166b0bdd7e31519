"""``voicegw serve`` as a process of its own, for benches, demonstrations and tests of the whole."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from voicegw.config import ENV_PREFIX, environment_for_children, load
from voicegw.errors import SetupError

READY_TIMEOUT_S = 90.0
"""Loading models on a busy machine."""
STOP_TIMEOUT_S = 15.0
LOG_NAME = "serve.log"
PROBLEM = "voicegw: "
"""What an error made for people begins with."""
CELL_MODULE, WORKER_MODULE = "voicegw.gateway.cell", "voicegw.worker.main"
RUNNER_MODULE, LLM_MODULE = "voicegw.gateway.action_runner", "voicegw.engines.llm_server"


@dataclass
class RunningService:
    """A service that answers calls, until ``stop``."""

    sip_ports: tuple[int, ...]
    """One for each cell."""
    data_dir: Path
    database_url: str
    process: asyncio.subprocess.Process
    _reading: "asyncio.Task[None]" = field(repr=False)

    @property
    def sip_port(self) -> int:
        """Of the first cell."""
        return self.sip_ports[0]

    @property
    def pid(self) -> int:
        """Of the supervisor."""
        return self.process.pid

    @property
    def log_file(self) -> Path:
        """All it logs."""
        return self.data_dir / LOG_NAME

    def cells(self) -> list[psutil.Process]:
        """Its SIP processes."""
        return self._children(CELL_MODULE)

    def workers(self) -> list[psutil.Process]:
        """The processes that talk: children of the nursery, which is forked from, not talked through."""
        return self.nursery().children()

    def nursery(self) -> psutil.Process:
        """What workers are forked from."""
        return self._children(WORKER_MODULE)[0]

    async def until_warm(self, workers: int, timeout_s: float = 10.0) -> bool:
        """Until so many workers wait for calls; False if they do not in time."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while self._waiting_workers() < workers:
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(0.1)
        return True

    def _waiting_workers(self) -> int:
        """By its log: made ready, less those that were given a call."""
        log = self.log_file.read_bytes()
        return log.count(b'"event": "worker.ready"') - log.count(b'"event": "call.assigned"')

    def busy_workers(self) -> list[psutil.Process]:
        """Those that have a call, as the log tells."""
        busy = {entry["worker"] for entry in self.logged("call.assigned")}
        pids = {entry["pid"] for entry in self.logged("worker.ready") if entry["worker"] in busy}
        return [worker for worker in self.workers() if worker.pid in pids]

    def runners(self) -> list[psutil.Process]:
        """Its action runner; none while that is being started again."""
        return self._children(RUNNER_MODULE)

    def language_models(self) -> list[psutil.Process]:
        """The server of its language model, if it has one of its own."""
        return self._children(LLM_MODULE)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """What it has logged of this event, in order."""
        lines = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        entries = (json.loads(line) for line in lines if line.startswith("{") and line.endswith("}"))
        return [entry for entry in entries if entry.get("event") == event]

    async def stop(self) -> None:
        """End it as an operator would (SIGTERM), and wait."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        await self._reading

    def _children(self, module: str) -> list[psutil.Process]:
        return [child for child in psutil.Process(self.pid).children() if module in _command_line(child)]


def _command_line(process: psutil.Process) -> list[str]:
    """Empty if it has ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


async def start_service(
    overrides: Mapping[str, Any], *, drain_s: float = 1.0, wrap_up_s: float = 0.0
) -> RunningService:
    """Start the service and wait until it answers calls; without the console, unless ``overrides`` ask for it.

    :param overrides: settings, nested; the environment's are used for the rest.
    :raises SetupError: it did not start; the message is its own.
    """
    settings = load(None, overrides)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    environment = {
        **environment_for_children(),
        f"{ENV_PREFIX}WEB__CONSOLE": "false",
        **dict(_variables(overrides)),
        f"{ENV_PREFIX}LOG__FORMAT": "json",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voicegw", "serve", "--drain-s", str(drain_s)),
        *("--wrap-up-s", str(wrap_up_s)),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    ready: asyncio.Future[tuple[int, ...]] = asyncio.get_running_loop().create_future()
    reading = asyncio.create_task(_read_log(process, settings.data_dir / LOG_NAME, ready))
    try:
        ports = await asyncio.wait_for(ready, READY_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await reading
        raise SetupError(f"voicegw serve was not ready after {READY_TIMEOUT_S:.0f} s: see {LOG_NAME}") from None
    return RunningService(ports, settings.data_dir, settings.resolved_database_url, process, reading)


async def _read_log(process: asyncio.subprocess.Process, file: Path, ready: "asyncio.Future[tuple[int, ...]]") -> None:
    """Copy the log to ``file`` and watch for the line that says it is ready."""
    assert process.stderr
    verdict = "voicegw serve ended at once"
    with file.open("wb") as log:
        async for line in process.stderr:
            log.write(line)
            log.flush()
            text = line.decode(errors="replace").strip()
            if text and not verdict.startswith(PROBLEM):
                verdict = text
            if not ready.done() and (ports := _ready_ports(line)):
                ready.set_result(ports)
    await process.wait()
    if not ready.done():
        ready.set_exception(SetupError(verdict.removeprefix(PROBLEM)))


def _ready_ports(line: bytes) -> tuple[int, ...]:
    with contextlib.suppress(ValueError):
        event = json.loads(line)
        if isinstance(event, dict) and event.get("event") == "serve.ready":
            return tuple(event["sip_ports"])
    return ()


def _variables(overrides: Mapping[str, Any], prefix: str = ENV_PREFIX) -> Iterator[tuple[str, str]]:
    """Nested settings as environment variables; what ``config.load`` reads."""
    for name, value in overrides.items():
        if isinstance(value, Mapping):
            yield from _variables(value, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}", str(value)
