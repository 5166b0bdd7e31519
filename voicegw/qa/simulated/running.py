"""Runs simulated callers by text, and grades what they achieved by the backend's state."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from voicegw.engines import registry
from voicegw.engines.llm import LanguageModel
from voicegw.qa.benching import REPOSITORY, commit, machine
from voicegw.qa.scenarios.evidence import Evidence
from voicegw.qa.scenarios.files import Placed
from voicegw.qa.scenarios.holds import failures
from voicegw.qa.scenarios.results import RunResults, result_of
from voicegw.qa.scenarios.run_text import TextRunner
from voicegw.qa.scenarios.running import How, likeness
from voicegw.qa.simulated.caller import SimulatedCaller


async def simulate(placed: Sequence[Placed], model: LanguageModel, seeds: int, how: How) -> RunResults:
    """Each goal so many times, each time worded otherwise. The graders are the scenario's ``holds``.

    :raises ServerAway, EngineError: the language model does not answer.
    """
    embedder = await asyncio.to_thread(registry.sentence_embedder, how.settings)
    by_text, alike = TextRunner(how.settings, embedder), likeness(embedder)
    began_at, began = time.time(), time.monotonic()
    results = []
    for one in placed:
        for seed in range(seeds):
            how.tell(f"{one.name} {seed + 1}")
            since = time.monotonic()
            spoken, evidence = await _call(one, by_text, model, seed)
            found = failures(spoken.scenario, "text", evidence, alike)
            took_s = time.monotonic() - since
            results.append(result_of(spoken, "simulated", evidence, found, took_s))
            how.done(results[-1])
    took_s = round(time.monotonic() - began, 1)
    return RunResults(began_at, commit(REPOSITORY), machine(), took_s, tuple(results))


async def _call(placed: Placed, by_text: TextRunner, model: LanguageModel, seed: int) -> tuple[Placed, Evidence]:
    """The scenario with the talk that came of it, and what was seen."""
    goal = placed.scenario.goal
    assert goal
    caller = SimulatedCaller(goal, model, seed)
    evidence = await by_text.run(placed.scenario, caller)
    said = zip(caller.said, evidence.replies, strict=True)
    talk = tuple(line.model_copy(update={"ends": reply.ended}) for line, reply in said)
    scenario = placed.scenario.model_copy(update={"talk": talk})
    name = f"{placed.name}-{seed + 1}" if seed else placed.name
    return replace(placed, name=name, scenario=scenario), evidence
