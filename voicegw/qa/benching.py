"""What all benches share: the machine, the service under test, and calls by one caller."""

import asyncio
import json
import os
import platform
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from voicegw import log
from voicegw.audio import wav
from voicegw.config import load
from voicegw.qa.call_report import CallReport
from voicegw.qa.caller import Caller, Dialling, caller, studio
from voicegw.qa.figures import Figure
from voicegw.qa.kept import slug
from voicegw.qa.rooms import Room
from voicegw.qa.script import Script
from voicegw.qa.service import RunningService, start_service
from voicegw.qa.spans import RATE_HZ
from voicegw.qa.voices import Studio

logger = log.get_logger()

NUMBER = "5000"
MOST_AT_ONCE = 4
"""Calls of the caller's one cell."""
SETTLE_S = 3.0
"""After the start, and between groups of calls: new workers are being made."""
REPOSITORY = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Run:
    """How a bench is run."""

    tell: Callable[[str], None]
    """Takes lines that say how far it is."""
    digits: Path | None = None
    """Recordings of single digits, ``DIGIT_SPEAKER_TAKE.wav``, if there are any."""
    keep: Path | None = None
    """A folder for every call's sound and report."""
    only: tuple[str, ...] = ()
    """Place only calls whose name has one of these in it; others are read from ``keep``. Empty: place all."""
    database: str = ""
    """URL of an empty database to fill, for outcomes; empty: SQLite in a folder of its own."""
    data: Path | None = None
    """A folder with ``hotel_utterances``, ``booking_utterances`` and ``spoken_digits``."""

    minutes: float = 0.0
    """Begin no call later, and place none that this commit has in ``keep``; 0: no bound."""

    def wants(self, name: str) -> bool:
        """Whether a call of that name is to be placed."""
        return not self.only or any(part in name for part in self.only)


@dataclass(frozen=True)
class Bench:
    """A service under test, and a caller to test it with."""

    service: RunningService
    caller: Caller
    studio: Studio
    room: Room
    how: Run

    async def call(self, name: str, script: Script) -> CallReport:
        """Place one call. One that fails is told, and its figures are those it has."""
        self.how.tell(name)
        clips = await asyncio.to_thread(self.studio.clips, script)
        await asyncio.to_thread(self.room.prepare, script)
        dialling = Dialling(f"sip:{NUMBER}@127.0.0.1:{self.service.sip_port}", caller=slug(name))
        report = await self.caller.place(dialling, script, clips, self.room.noise)
        self._keep(name, report)
        if not report.ok:
            logger.warning("bench.call_failed", call=name, problem=report.problem)
        return report

    def _keep(self, name: str, report: CallReport) -> None:
        if self.how.keep is None:
            return
        self.how.keep.mkdir(parents=True, exist_ok=True)
        file = self.how.keep / f"{slug(name)}.wav"
        wav.write(file, report.tape.stereo, RATE_HZ)
        file.with_suffix(".json").write_text(json.dumps(report.as_json(), indent=1), encoding="utf-8")

    async def calls_at_once(self, scripts: Mapping[str, Script]) -> list[CallReport]:
        """Place calls, up to four at a time; reports in the order given."""
        places = asyncio.Semaphore(MOST_AT_ONCE)
        for script in scripts.values():  # speech is made before the first call, not during it
            await asyncio.to_thread(self.studio.clips, script)
            await asyncio.to_thread(self.room.prepare, script)

        async def one(name: str, script: Script) -> CallReport:
            async with places:
                return await self.call(name, script)

        return list(await asyncio.gather(*(one(name, script) for name, script in scripts.items())))


@asynccontextmanager
async def bench(overrides: Mapping[str, Any], how: Run, seed: int) -> AsyncIterator[Bench]:
    """A fresh service with embedded defaults on a free port, ``overrides`` over them, and a caller.

    :raises SetupError: something must be mended first.
    """
    settings = load()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="voicegw-bench-", ignore_cleanup_errors=True))
        how.tell("starting the service")
        ours = {"data_dir": folder, "sip": {"host": "127.0.0.1", "port": 0}}
        own = {**ours, "integrations": REPOSITORY / "integrations", **overrides}
        service = await start_service(own)
        stack.push_async_callback(service.stop)
        one = await stack.enter_async_context(caller())
        await asyncio.sleep(SETTLE_S)
        voices = studio(settings, how.digits)
        yield Bench(service, one, voices, Room(voices, seed), how)


def failed_calls(bench_name: str, reports: Sequence[CallReport]) -> Figure:
    """How many calls were refused or broke off."""
    failed = sum(not report.ok for report in reports)
    return Figure(f"{bench_name}: calls that failed", failed, "calls", "= 0", len(reports))


def commit(folder: Path) -> str:
    """Short hash of what is measured, with ``+`` if files were changed since; empty without git."""
    try:
        hash_ = _git(folder, "rev-parse", "--short", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return ""
    return hash_ + ("+" if changed else "")


def machine() -> str:
    """Processor, cores, memory, system."""
    cores = len(os.sched_getaffinity(0))
    memory_gb = round(psutil.virtual_memory().total / 2**30)
    return f"{_processor()}, {cores} cores, {memory_gb} GB, Python {platform.python_version()}"


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=True, timeout=10)
    return done.stdout.decode().strip()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
