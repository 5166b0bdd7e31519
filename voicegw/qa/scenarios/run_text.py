"""Scenarios by text: the dialog with its real understanding and tools, in the time that computing takes."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import Hangup
from voicegw.config import Settings
from voicegw.dialplan import files
from voicegw.dialplan.model import Dialplan
from voicegw.engines import registry
from voicegw.engines.embed import SentenceEmbedder
from voicegw.engines.known_vectors import KnownVectors
from voicegw.errors import SetupError
from voicegw.nlu.reader import Reader
from voicegw.publishing.record import InForce
from voicegw.publishing.routes import Routes, Served
from voicegw.qa.scenarios import backend
from voicegw.qa.scenarios.evidence import Evidence, Reply, ToolCall
from voicegw.qa.scenarios.model import Scenario, ScenarioLine
from voicegw.qa.scenarios.stand_in import StandIns
from voicegw.qa.script import words
from voicegw.qa.text_call import Exchange, TextCall

DISPOSITIONS = {"person": "handed_over"}
"""What a row would say of it."""
HUNG_UP = "abandoned"


class TextCaller(Protocol):
    """Who calls."""

    async def next(self, said: str) -> ScenarioLine | None:
        """What the caller does after these words of the agent's; None: hangs up."""


class Scripted:
    """A caller who does what the scenario says, whatever the agent says."""

    def __init__(self, talk: Sequence[ScenarioLine]) -> None:
        self._lines = iter(talk)

    async def next(self, said: str) -> ScenarioLine | None:
        """The next line."""
        return next(self._lines, None)


@dataclass(frozen=True)
class _Brain:
    plan: Dialplan
    reader: Reader


class TextRunner:
    """Runs scenarios one after another. What is loaded once serves all."""

    def __init__(self, settings: Settings, embedder: SentenceEmbedder) -> None:
        """:raises DialplanError: a dialplan that cannot be used."""
        self._settings = settings
        self._embedder = embedder
        self._plans = {plan.name: plan for plan in files.load(settings.dialplans)}
        self._routes = Routes([Served(InForce(plan.name), plan) for plan in self._plans.values()])
        self._known = KnownVectors(embedder, registry.embedder_name(settings))
        self._brains: dict[str, _Brain] = {}

    async def run(self, scenario: Scenario, caller: TextCaller | None = None) -> Evidence:
        """One scenario, with backends of its own that are gone afterwards.

        :param caller: in place of the one who says what the scenario's talk says.
        """
        async with AsyncExitStack() as stack:
            prefix = "voicegw-qa-"
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)))
            stand_ins = StandIns(folder, self._settings.integrations)
            own = {"data_dir": folder, "integrations": stand_ins.integrations}
            tools = Toolbox.load(self._settings.model_copy(update=own))
            stack.push_async_callback(tools.close)
            await tools.open(self._embedder.embed)
            before = await asyncio.to_thread(backend.state, folder)
            stand_ins.begin(scenario.tools)
            evidence = await self._converse(scenario, caller or Scripted(scenario.talk), tools, stand_ins)
            changes = backend.difference(before, await asyncio.to_thread(backend.state, folder))
        return replace(evidence, backend=changes)

    async def _converse(self, scenario: Scenario, caller: TextCaller, tools: Toolbox, stand_ins: StandIns) -> Evidence:
        brain = self._brain(scenario.number)
        call = TextCall(brain.plan, brain.reader, self._embedder, tools.run, started=scenario.at)
        exchange = await call.begin()
        greeting = " ".join(exchange.said)
        replies: list[Reply] = []
        while not exchange.ended and (line := await caller.next(" ".join(exchange.said))):
            seen = len(stand_ins.calls())
            said, exchange = await _act(call, line)
            replies.append(_reply(call, said, exchange, stand_ins.calls()[seen:]))
        ended = replies[-1].ended if replies else ""
        disposition = DISPOSITIONS.get(ended, ended) or HUNG_UP
        return Evidence(greeting, tuple(replies), stand_ins.calls(), disposition=disposition)

    def _brain(self, number: str) -> _Brain:
        """:raises SetupError: no dialplan answers this number."""
        found = self._routes.find(number, "", "")
        if found is None:
            raise SetupError(f"no dialplan in {self._settings.dialplans} answers {number}")
        name = found[0]
        if name not in self._brains:
            plan = self._plans[name]
            with self._known.remembering():
                reader = Reader.of(plan.examples(), self._known.embed, plan.language)
            self._brains[name] = _Brain(plan, reader)
        return self._brains[name]


async def _act(call: TextCall, line: ScenarioLine) -> tuple[str, Exchange]:
    """What the agent will have understood, and what came of it."""
    if line.keys:
        return line.keys, await call.press(line.keys)
    if line.silence:
        return "", await call.be_silent()
    if line.hang_up or line.aside:
        return "", Exchange()
    text = words(line.caller[0])
    return text, await call.say(text)


def _reply(call: TextCall, said: str, exchange: Exchange, calls: Sequence[ToolCall]) -> Reply:
    ended = exchange.ended
    how = "" if ended is None else ended.disposition if isinstance(ended, Hangup) else "person"
    slots: Mapping[str, object] = call.dialog.slots
    decided_by = exchange.decision.by if exchange.decision else ""
    return Reply(
        " ".join(exchange.said), said, calls=tuple(calls), slots=slots, task=call.dialog.task, ended=how,
        decided_by=decided_by,
    )  # fmt: skip
