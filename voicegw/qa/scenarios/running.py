"""Runs scenarios, by whichever runner, and judges what was seen."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
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
from voicegw.qa.scenarios.run_text import TextRunner

Tell = Callable[[str], None]
"""Takes a line that says how far it is."""


@dataclass(frozen=True)
class Seen:
    """What a runner brings back of one scenario."""

    evidence: Evidence
    sound: str = ""


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
    took_s = round(time.monotonic() - began, 1)
    return RunResults(began_at, commit(REPOSITORY), machine(), took_s, tuple(judge.results))


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
