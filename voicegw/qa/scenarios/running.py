"""Runs scenarios, by whichever runner, and judges what was seen."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from pathlib import Path

from voicegw.config import Settings
from voicegw.engines import registry
from voicegw.engines.embed import SentenceEmbedder
from voicegw.qa.benching import REPOSITORY, commit, machine
from voicegw.qa.scenarios.evidence import Evidence
from voicegw.qa.scenarios.files import Placed
from voicegw.qa.scenarios.holds import Likeness, failures
from voicegw.qa.scenarios.model import Runner
from voicegw.qa.scenarios.results import Result, RunResults, result_of
from voicegw.qa.scenarios.run_audio import audio_runner
from voicegw.qa.scenarios.run_sip import sip_runner
from voicegw.qa.scenarios.run_text import TextRunner
from voicegw.qa.scenarios.seen import Seen
from voicegw.qa.scenarios.stage import SoundRunner

Tell = Callable[[str], None]
"""Takes a line that says how far it is."""

BY_SOUND: dict[str, Callable[..., AbstractAsyncContextManager[SoundRunner]]] = {
    "audio": audio_runner,
    "sip": sip_runner,
}
"""Starts a service, see ``sip_runner``."""


@dataclass(frozen=True)
class How:
    """How scenarios are run."""

    settings: Settings
    folder: Path
    """For sounds and logs of this run."""
    tell: Tell
    done: Callable[[Result], None]
    """Takes each result as soon as it is there."""


async def run(placed: Sequence[Placed], runner: Runner, how: How) -> RunResults:
    """Those of the scenarios that this runner can run.

    :raises SetupError: something must be mended first.
    """
    chosen = [one for one in placed if one.scenario.runs_by(runner)]
    embedder = await asyncio.to_thread(registry.sentence_embedder, how.settings)
    began_at, began = time.time(), time.monotonic()
    judge = _Judge(runner, likeness(embedder), how)
    if runner == "text":
        by_text = TextRunner(how.settings, embedder)
        for one in chosen:
            await judge.result(one, by_text.run(one.scenario))
    else:
        async with aclosing(served(chosen, runner, how)) as each:
            async for one, by_sound in each:
                await judge.result(one, by_sound.run(one))
    took_s = round(time.monotonic() - began, 1)
    return RunResults(began_at, commit(REPOSITORY), machine(), took_s, tuple(judge.results))


async def served(placed: Sequence[Placed], runner: Runner, how: How) -> AsyncGenerator[tuple[Placed, SoundRunner]]:
    """Each with a service that runs by its settings, in whose backends nobody has changed what it looks at.

    :raises SetupError: something must be mended first.
    """
    if not placed:
        return
    ears = await asyncio.to_thread(registry.speech_to_text, how.settings)
    for group in groups(placed):
        while group:
            how.tell("starting the service")
            async with BY_SOUND[runner](how.settings, group[0].scenario.settings, ears, how.folder) as by_sound:
                while group and not by_sound.stage.changed & set(group[0].scenario.holds.backend or ()):
                    yield group.pop(0), by_sound


def groups(placed: Sequence[Placed]) -> list[list[Placed]]:
    """Those that can share a service, in the order in which they were given."""
    by_settings: dict[str, list[Placed]] = {}
    for one in placed:
        by_settings.setdefault(json.dumps(one.scenario.settings, sort_keys=True), []).append(one)
    return list(by_settings.values())


class _Judge:
    """Collects results."""

    def __init__(self, runner: Runner, alike: Likeness, how: How) -> None:
        self.results: list[Result] = []
        self._runner = runner
        self._alike = alike
        self._how = how

    async def result(self, placed: Placed, running: Awaitable[Evidence | Seen]) -> None:
        """Run one, and judge it."""
        self._how.tell(placed.name)
        began = time.monotonic()
        seen = await running
        evidence, sound = (seen.evidence, seen.sound) if isinstance(seen, Seen) else (seen, "")
        found = failures(placed.scenario, self._runner, evidence, self._alike)
        self.results.append(result_of(placed, self._runner, evidence, found, time.monotonic() - began, sound))
        self._how.done(self.results[-1])


def likeness(embedder: SentenceEmbedder) -> Likeness:
    """Of the meaning with the most like sentence of what was said."""

    def alike(meaning: str, said: str) -> float:
        sentences = [part.strip() for part in said.replace("?", ".").replace("!", ".").split(".") if part.strip()]
        vectors = embedder.embed([meaning, said, *sentences])
        return float((vectors[1:] @ vectors[0]).max()) if said else 0.0

    return alike
