"""Runs simulated callers, and grades what they achieved by the backend's state."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from voicegw.engines import registry
from voicegw.engines.embed import SentenceEmbedder
from voicegw.engines.llm import LanguageModel
from voicegw.qa.benching import REPOSITORY, commit, machine
from voicegw.qa.scenarios.evidence import Evidence
from voicegw.qa.scenarios.files import Placed
from voicegw.qa.scenarios.holds import failures
from voicegw.qa.scenarios.model import Runner, ScenarioLine
from voicegw.qa.scenarios.results import RunResults, Way, result_of
from voicegw.qa.scenarios.run_text import TextRunner
from voicegw.qa.scenarios.running import How, likeness, served
from voicegw.qa.scenarios.scripts import around
from voicegw.qa.scenarios.seen import Seen
from voicegw.qa.scenarios.stage import SoundRunner
from voicegw.qa.script import Script
from voicegw.qa.simulated.caller import SimulatedCaller
from voicegw.qa.simulated.speaking import SpeakingCaller, UnscriptedConversation

Call = Callable[[Placed, SimulatedCaller], Awaitable[tuple[Placed, Seen]]]
"""Returns the scenario with the talk that came of it, and what was seen."""
WAYS: dict[Runner, Way] = {"text": "simulated", "audio": "simulated by audio", "sip": "simulated by sip"}


async def simulate(
    placed: Sequence[Placed], model: LanguageModel, seeds: int, how: How, runner: Runner = "text"
) -> RunResults:
    """Each goal so many times, each time worded otherwise. The graders are the scenario's ``holds``.

    :raises ServerAway, EngineError: the language model does not answer.
    :raises SetupError: something must be mended first.
    """
    embedder = await asyncio.to_thread(registry.sentence_embedder, how.settings)
    alike = likeness(embedder)
    began_at, began = time.time(), time.monotonic()
    results = []
    every = [(replace(one, name=f"{one.name}-{seed + 1}" if seed else one.name), seed)
             for one in placed for seed in range(seeds)]  # fmt: skip
    seed_of = {one.name: seed for one, seed in every}
    async with aclosing(_calls([one for one, _ in every], how, runner, embedder)) as calls:
        async for one, call in calls:
            how.tell(one.name)
            goal = one.scenario.goal
            assert goal
            since = time.monotonic()
            spoken, seen = await call(one, SimulatedCaller(goal, model, seed_of[one.name]))
            found = failures(spoken.scenario, runner, seen.evidence, alike)
            took_s = time.monotonic() - since
            results.append(result_of(spoken, WAYS[runner], seen.evidence, found, took_s, seen.sound))
            how.done(results[-1])
    took_s = round(time.monotonic() - began, 1)
    return RunResults(began_at, commit(REPOSITORY), machine(), took_s, tuple(results))


async def _calls(
    placed: Sequence[Placed], how: How, runner: Runner, embedder: SentenceEmbedder
) -> AsyncGenerator[tuple[Placed, Call]]:
    """Each goal, with what a caller of it calls."""
    if runner == "text":
        by_text = TextRunner(how.settings, embedder)
        for one in placed:
            yield one, partial(_call_by_text, by_text)
        return
    async with aclosing(served(placed, runner, how)) as each:
        async for one, by_sound in each:
            yield one, partial(_call_by_sound, by_sound)


async def _call_by_text(by_text: TextRunner, placed: Placed, caller: SimulatedCaller) -> tuple[Placed, Seen]:
    evidence = await by_text.run(placed.scenario, caller)
    return _with_talk(placed, caller.said, evidence), Seen(evidence)


async def _call_by_sound(by_sound: SoundRunner, placed: Placed, caller: SimulatedCaller) -> tuple[Placed, Seen]:
    call = _SpokenCall(by_sound, caller, placed)
    await by_sound.ready()
    seen = await by_sound.stage.watch(placed, call.play)
    return _with_talk(placed, call.spoken.scenario.talk, seen.evidence), seen


@dataclass
class _SpokenCall:
    """One call of one caller."""

    by_sound: SoundRunner
    caller: SimulatedCaller
    spoken: Placed
    """With the talk that came of it, once it was played."""

    async def play(self, placed: Placed, began_at: float) -> Seen:
        """:raises ServerAway, EngineError: the caller could not decide what to say."""
        stage, own = self.by_sound.stage, placed.scenario.caller
        speaking = SpeakingCaller(self.caller, stage.ears, stage.studio, own.voice)
        steps = tuple(around(own))
        noise = await stage.noise(Script(steps))
        sides: list[UnscriptedConversation] = []

        def make(lead_ms: float) -> UnscriptedConversation:
            sides.append(UnscriptedConversation(speaking.decide, self.caller.take_back, steps, noise, lead_ms))
            return sides[-1]

        report = await self.by_sound.place(placed.scenario, make)
        (side,) = sides
        side.close()
        if side.error:
            raise side.error
        said = tuple(self.caller.said[: len(side.lines)])
        self.spoken = replace(placed, scenario=placed.scenario.model_copy(update={"talk": said}))
        return await stage.seen(self.spoken, began_at, report)


def _with_talk(placed: Placed, said: Sequence[ScenarioLine], evidence: Evidence) -> Placed:
    """The scenario with what the caller said, and where the agent ended it."""
    ended = [reply.ended for reply in evidence.replies]
    talk = [line.model_copy(update={"ends": end}) for line, end in zip(said, ended, strict=False)]
    return replace(placed, scenario=placed.scenario.model_copy(update={"talk": tuple(talk)}))
