"""``voicegw bench engines``: is one ear per worker better, or one process that hears for all calls of a machine?

Callers pause now and then, and each time an utterance is decoded; each caller is a process, as workers are. Private:
with an engine of its own, and the system shares the processors among those that decode. Shared: by the listener, where
utterances wait their turn.
"""

import asyncio
import multiprocessing
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.queues import Queue

import numpy as np
import psutil

from voicegw.config import Settings, load
from voicegw.engines import registry
from voicegw.engines.stt import SpeechToText
from voicegw.gateway.hearing import LastingListener
from voicegw.qa.benching import Run
from voicegw.qa.caller import studio
from voicegw.qa.figures import Figure, percentile
from voicegw.qa.script import SayLine, Script
from voicegw.qa.spans import RATE_HZ

LINES = ("Where is my order 4 5 6 7?", "What are your opening hours?", "No thanks, bye.")
CALLERS = (1, 4, 10, 12)
EVERY_S = 2.5
"""Between two decodings of one caller: a turn has two or three."""
ALONE_EVERY_S = 0.5
"""The same of one who is alone, and in nobody's way."""
SECONDS = 20.0
START_S = 60.0
LANGUAGE = "en"

MakeEar = Callable[[], SpeechToText]
Told = tuple[list[float], float]
"""Milliseconds from an utterance to its words, each; and the memory of this process alone, MB."""


@dataclass(frozen=True)
class Caller:
    """A process. ``work`` is called in it."""

    make_ear: MakeEar
    clips: tuple[np.ndarray, ...]
    nice: int
    every_s: float
    seed: int

    def work(self, results: "Queue[Told]", together: object) -> None:
        """Speak now and then, as nice as a worker."""
        os.nice(self.nice)
        ear, chance, waits = self.make_ear(), random.Random(self.seed), list[float]()
        ear.warm_up()
        together.wait()  # type: ignore[attr-defined]
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            time.sleep(chance.expovariate(1 / self.every_s))
            recognizer = ear.recognizer(RATE_HZ)
            clip, began = chance.choice(self.clips), time.monotonic()
            recognizer.feed(clip)
            recognizer.decode(final=True)
            waits.append((time.monotonic() - began) * 1000)
        results.put((waits, _own_memory_mb(os.getpid())))


async def run(how: Run) -> tuple[Figure, ...]:
    """Some four minutes.

    :raises SetupError: something must be mended first.
    """
    settings = load()
    sounds = await asyncio.to_thread(studio(settings).clips, Script(tuple(map(SayLine, LINES))))
    clips = tuple(sounds[number] for number in range(len(LINES)))
    figures: list[Figure] = []
    for callers in CALLERS:
        how.tell(f"{callers} callers, an engine for each")
        measure = partial(_measured, settings, clips, callers)
        waits, memory = await asyncio.to_thread(measure, partial(registry.speech_to_text, settings))
        figures += _figures("private", callers, waits, memory)
        how.tell(f"{callers} callers, one listener for all")
        listener = LastingListener(settings, (LANGUAGE,))
        try:
            await listener.start()
            await listener.until_ready()
            make_ear = partial(registry.shared_speech_to_text, settings, LANGUAGE, listener.door)
            waits, memory = await asyncio.to_thread(measure, make_ear)
            figures += _figures("shared", callers, waits, memory + _own_memory_mb(listener.pid))
        finally:
            await listener.stop()
    return tuple(figures)


def _figures(name: str, callers: int, waits: Sequence[float], memory_mb: float) -> tuple[Figure, ...]:
    whose = f"{callers} callers" if callers > 1 else "one caller"
    return (
        Figure(f"engines: {name}, {whose}, utterance to words p50", percentile(waits, 50), "ms", "", len(waits)),
        Figure(f"engines: {name}, {whose}, utterance to words p95", percentile(waits, 95), "ms", "", len(waits)),
        Figure(f"engines: {name}, {whose}, memory", round(memory_mb), "MB", "", callers),
    )


def _measured(
    settings: Settings, clips: tuple[np.ndarray, ...], callers: int, make_ear: MakeEar
) -> tuple[list[float], float]:
    """All begin together. What they waited, and the memory of all."""
    context = multiprocessing.get_context("spawn")
    results: Queue[Told] = context.Queue()
    together = context.Barrier(callers)
    every_s = EVERY_S if callers > 1 else ALONE_EVERY_S
    processes = [
        context.Process(
            target=Caller(make_ear, clips, settings.workers.nice, every_s, seed).work,
            args=(results, together),
            daemon=True,
        )
        for seed in range(callers)
    ]
    for process in processes:
        process.start()
    told = [results.get(timeout=START_S + 2 * SECONDS) for _ in processes]
    for process in processes:
        process.join()
    return [wait for waits, _ in told for wait in waits], sum(memory for _, memory in told)


def _own_memory_mb(pid: int) -> float:
    return float(psutil.Process(pid).memory_full_info().uss) / 2**20
