"""``voicegw bench engines``: is one ear per worker better, or one for all calls of a machine?

Ten callers pause now and then, and each time an utterance is decoded. Private: a process with its own engine for each
caller, as workers are; the system shares the processors among those that decode. Shared: one process, as many engines
as there are processors, and utterances wait their turn.
"""

import asyncio
import multiprocessing
import os
import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.queues import Queue

import numpy as np
import psutil

from voicegw.config import Settings, load
from voicegw.engines import registry
from voicegw.engines.stt import SpeechToText
from voicegw.qa.benching import Run
from voicegw.qa.caller import studio
from voicegw.qa.figures import Figure, percentile
from voicegw.qa.script import SayLine, Script
from voicegw.qa.spans import RATE_HZ

LINES = ("Where is my order 4 5 6 7?", "What are your opening hours?", "No thanks, bye.")
CALLERS = 10
EVERY_S = 2.5
"""Between two decodings of one caller: a turn has two or three."""
SECONDS = 40.0
START_S = 60.0

Told = tuple[list[float], float]
"""Milliseconds from an utterance to its words, each; and the memory of this process alone, MB."""


async def run(how: Run) -> tuple[Figure, ...]:
    """Some two minutes.

    :raises SetupError: something must be mended first.
    """
    settings = load()
    sounds = await asyncio.to_thread(studio(settings).clips, Script(tuple(map(SayLine, LINES))))
    clips = [sounds[number] for number in range(len(LINES))]
    how.tell("one engine for each caller")
    private = await asyncio.to_thread(_measured, [partial(_private, settings, clips, n) for n in range(CALLERS)])
    how.tell("engines shared by all callers")
    shared = await asyncio.to_thread(_measured, [partial(_shared, settings, clips)])
    return (*_figures("private", private), *_figures("shared", shared))


def _figures(name: str, told: Sequence[Told]) -> tuple[Figure, ...]:
    waits = [wait for waits, _ in told for wait in waits]
    memory = round(sum(memory for _, memory in told))
    return (
        Figure(f"engines: {name}, utterance to words p50", percentile(waits, 50), "ms", "", len(waits)),
        Figure(f"engines: {name}, utterance to words p95", percentile(waits, 95), "ms", "", len(waits)),
        Figure(f"engines: {name}, memory of {CALLERS} callers", memory, "MB", "", len(told)),
    )


def _measured(works: Sequence[Callable[["Queue[Told]", object], None]]) -> list[Told]:
    """Each work in a process of its own, all beginning together."""
    context = multiprocessing.get_context("spawn")
    results: Queue[Told] = context.Queue()
    together = context.Barrier(len(works))
    processes = [context.Process(target=work, args=(results, together), daemon=True) for work in works]
    for process in processes:
        process.start()
    told = [results.get(timeout=START_S + 2 * SECONDS) for _ in processes]
    for process in processes:
        process.join()
    return told


def _ear(settings: Settings) -> SpeechToText:
    ear = registry.speech_to_text(settings)
    ear.warm_up()
    return ear


def _decode(ear: SpeechToText, clip: np.ndarray) -> None:
    recognizer = ear.recognizer(RATE_HZ)
    recognizer.feed(clip)
    recognizer.decode(final=True)


def _own_memory_mb() -> float:
    return float(psutil.Process().memory_full_info().uss) / 2**20


def _private(settings: Settings, clips: list[np.ndarray], seed: int, results: "Queue[Told]", together: object) -> None:
    """One caller with an engine of its own, as nice as a worker."""
    os.nice(settings.workers.nice)
    ear, chance, waits = _ear(settings), random.Random(seed), list[float]()
    together.wait()  # type: ignore[attr-defined]
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        time.sleep(chance.expovariate(1 / EVERY_S))
        began = time.monotonic()
        _decode(ear, chance.choice(clips))
        waits.append((time.monotonic() - began) * 1000)
    results.put((waits, _own_memory_mb()))


def _shared(settings: Settings, clips: list[np.ndarray], results: "Queue[Told]", together: object) -> None:
    """All callers, who wait their turn for the engines."""
    os.nice(settings.workers.nice)
    jobs: queue.Queue[tuple[np.ndarray, threading.Event]] = queue.Queue()

    def serve(ear: SpeechToText) -> None:
        while True:
            clip, done = jobs.get()
            _decode(ear, clip)
            done.set()

    for _ in range(len(os.sched_getaffinity(0))):
        threading.Thread(target=serve, args=(_ear(settings),), daemon=True).start()
    waits: list[float] = []

    def call(seed: int) -> None:
        chance = random.Random(seed)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            time.sleep(chance.expovariate(1 / EVERY_S))
            began, done = time.monotonic(), threading.Event()
            jobs.put((chance.choice(clips), done))
            done.wait()
            waits.append((time.monotonic() - began) * 1000)

    together.wait()  # type: ignore[attr-defined]
    callers = [threading.Thread(target=call, args=(seed,)) for seed in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    results.put((waits, _own_memory_mb()))
