"""``voicegw qa load``: many conversations at once against a service of its own, and what each of them heard."""

import asyncio
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Literal

from voicegw.config import Settings
from voicegw.qa.caller import studio
from voicegw.qa.figures import percentile
from voicegw.qa.load.measured import Measured, all_of
from voicegw.qa.load.phone import LoadCall, Phones
from voicegw.qa.load.talker import Talker, clip_frames
from voicegw.qa.load.usage import Lasting, Usage
from voicegw.qa.scenarios.stand_in import StandIns
from voicegw.qa.script import SayLine, Script
from voicegw.qa.service import start_service

Engines = Literal["stub", "real"]
LINES = (
    "Where is my order 4 5 6 7?",
    "What are your opening hours?",
    "Has order 4 5 6 8 been sent yet?",
    "How long do I have to send something back?",
    "Where is order 1 2 3 4?",
    "No thanks, bye.",
)
"""What each caller says; the last one ends the call."""
CALLS_PER_CELL = 4
SPARE_WORKERS = 8
MOST_WARM = 64
RUSH_S = 3.0
"""Workers are ready for the calls of so many seconds: a new one takes a while where the machine is busy."""
LASTING_EVERY_S = 5.0
TICK_S = 0.02
LATE_TICK_S = 0.1
"""A tick of the generator that comes so late is a reason to doubt its figures."""
LOOK_S = 1.0
FULL = 0.9
"""A moment counts as full when so much of the calls asked for are up."""
WITHIN = 0.4
"""Of the time of a run that offers more than a service can hold, the share before it does."""
RECENT_S = 10.0
"""Of the latencies that are shown while it runs."""


@dataclass(frozen=True)
class Load:
    """How much."""

    calls: int
    """At once, once all are up."""
    rate: float
    """New calls per second."""
    minutes: float
    number: str = "5000"
    engines: Engines = "stub"
    stt_ms: float = 120.0
    tts_ms: float = 60.0
    alone_s: float = 0.0
    """At first, one call at a time for so long: what the others are compared with."""
    capacity: int = 0
    """Conversations that the service is told it can hold; beyond, 503 is what it shall answer. 0: as many as come.
    At first no more than so many are offered: what the rest of the run is compared with."""
    soak: bool = False
    """Look whether anything grows."""

    @property
    def within_capacity_s(self) -> float:
        """For so long, at first, no more calls are offered than the service is told it can hold."""
        return self.minutes * 60 * WITHIN if self.capacity else 0.0

    def places(self, at_s: float) -> int:
        """Calls at once that are asked for, so long after the beginning."""
        if at_s < self.alone_s:
            return 1
        return self.capacity if at_s < self.within_capacity_s else self.calls


@dataclass(frozen=True)
class Sample:
    """A moment of the run."""

    at_s: float
    up: int
    cpu_s: Mapping[str, float]
    """By role, since the beginning."""
    lasting: Lasting | None = None
    """Of the processes that do not end with a call; now and then, in a soak."""


@dataclass(frozen=True)
class LoadResults:
    """A run."""

    load: Load
    calls: tuple[Measured, ...]
    samples: tuple[Sample, ...]
    memory_mb: Mapping[str, float]
    """By role, with all calls up."""
    processes: Mapping[str, int]
    """By role, when ``memory_mb`` was looked at."""
    late_ticks: int
    """Of the generator."""


async def run(load: Load, settings: Settings, folder: Path, tell: Callable[[str], None]) -> LoadResults:
    """Start a service that is large enough, load it, and measure every call.

    :param folder: for the service's log.
    :raises SetupError: something must be mended first.
    """
    clips = await asyncio.to_thread(_clips, settings)
    async with AsyncExitStack() as stack:
        data_dir = Path(tempfile.mkdtemp(prefix="voicegw-load-"))
        stack.callback(shutil.rmtree, data_dir, ignore_errors=True)
        tell("starting the service")
        stand_ins = StandIns(data_dir / "stand-ins", settings.integrations)
        own = {"data_dir": data_dir, "dialplans": settings.dialplans.resolve(), "integrations": stand_ins.integrations}
        service = await start_service({**own, **overrides(load)})
        stack.callback(_keep_log, service.log_file, folder)
        stack.push_async_callback(service.stop)
        await service.until_warm(_warm(load), timeout_s=120.0)
        generator = _Generator(load, service.sip_ports, clips, Usage(service.pid), tell)
        calls = await asyncio.to_thread(generator.run)
    tell(f"measuring {len(calls)} calls")
    found = await asyncio.to_thread(all_of, calls)
    usage = generator.usage
    return LoadResults(
        load, tuple(found), tuple(generator.samples), usage.memory_mb, dict(usage.processes), generator.late_ticks
    )


def overrides(load: Load) -> dict[str, Any]:
    """Settings of a service that can take it."""
    own: dict[str, Any] = {
        "sip": {"host": "127.0.0.1", "port": 0, "cells": ceil(load.calls / CALLS_PER_CELL) + 1},
        "workers": {
            "warm": _warm(load),
            "most": load.calls + 2 * _warm(load),
            "capacity": load.capacity or 2 * load.calls,
            "menu": not load.capacity,  # these callers press no keys
        },
        # All calls come from one source here, as fast as is wanted.
        "edge": {"requests_per_source": 100_000, "calls_per_s": 50},
        "log": {"level": "info"},
    }
    if load.engines == "stub":
        own |= {
            "stt": {"provider": "stub"},
            "tts": {"provider": "stub"},
            "embed": {"provider": "stub"},
            "llm": {"provider": "none"},
            "stub": {"hears": "|".join(LINES), "stt_ms": load.stt_ms, "tts_ms": load.tts_ms},
        }
    return own


def _warm(load: Load) -> int:
    return min(max(SPARE_WORKERS, round(min(load.rate * RUSH_S, load.calls))), MOST_WARM)


def _clips(settings: Settings) -> list[list[bytes]]:
    sounds = studio(settings).clips(Script(tuple(map(SayLine, LINES))))
    return [clip_frames(sounds[number]) for number in range(len(LINES))]


def _keep_log(log: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(log, folder / "service.log")


class _Generator:
    """Belongs to one thread of its own, which drives all telephones."""

    def __init__(
        self,
        load: Load,
        ports: Sequence[int],
        clips: Sequence[Sequence[bytes]],
        usage: Usage,
        tell: Callable[[str], None],
    ) -> None:
        self.samples: list[Sample] = []
        self.late_ticks = 0
        self.usage = usage
        self._load = load
        self._ports = ports
        self._clips = clips
        self._tell = tell
        self._phones = Phones()
        self._looking = threading.Event()

    def run(self) -> list[LoadCall]:
        """Until the time is over and the last call has ended."""
        looking = threading.Thread(target=self._look, daemon=True)
        looking.start()
        try:
            self._drive()
        finally:
            self._phones.close()
            self._looking.set()
            looking.join()
        return self._phones.finished

    def _drive(self) -> None:
        began = next_tick = time.monotonic()
        next_call = began
        ends = began + self._load.minutes * 60
        while (now := time.monotonic()) < ends or self._phones.busy:
            if now < ends and now >= next_call and self._phones.busy < self._load.places(now - began):
                next_call = max(next_call + 1 / self._load.rate, now - 1)
                self._dial()
            self._phones.tick()
            next_tick += TICK_S
            wait_s = next_tick - time.monotonic()
            self.late_ticks += wait_s < -LATE_TICK_S
            time.sleep(max(wait_s, 0))

    def _dial(self) -> None:
        port = min(self._ports, key=self._phones.calls_on)
        self._phones.dial(self._load.number, "127.0.0.1", port, Talker(self._clips, LINES))

    def _look(self) -> None:
        """In a thread of its own: what it costs, and how far it is."""
        began = next_lasting = time.monotonic()
        while not self._looking.wait(LOOK_S):
            up = self._phones.up
            # Once: to count the memory of a hundred processes takes a core for a second.
            self.usage.look(memory=not self.usage.memory_mb and up >= FULL * self._load.calls)
            now = time.monotonic()
            at_s = now - began
            lasting = None
            if self._load.soak and now >= next_lasting:
                next_lasting, lasting = now + LASTING_EVERY_S, self.usage.lasting()
            self.samples.append(Sample(round(at_s, 1), up, self.usage.cpu_s(), lasting))
            self._tell(progress(at_s, up, self._load.calls, self._phones))


def progress(at_s: float, up: int, wanted: int, phones: Phones) -> str:
    """A line for who waits: as it is now, latencies as callers have found them in the last while."""
    finished = list(phones.finished)
    failed = sum(bool(call.failure) for call in finished)
    waits = phones.waits_ms(RECENT_S)
    p50, p95 = percentile(waits, 50), percentile(waits, 95)
    calls = f"{at_s:4.0f} s  {up} calls up of {wanted}, {len(finished)} over, {failed or 'none'} failed"
    return f"{calls}; {f'answers p50 {p50:.0f} ms, p95 {p95:.0f} ms' if p50 and p95 else 'no answers yet'}"
