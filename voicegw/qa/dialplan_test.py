"""Runs a dialplan's own tests: conversations by text, with real understanding and scripted tools."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import numpy as np

from voicegw.call.commands import ActionRequest, Hangup
from voicegw.call.events import ActionResult
from voicegw.dialplan.conversations import STATUS, Conversation, Line
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.parse import Source
from voicegw.engines.embed import SentenceEmbedder
from voicegw.engines.llm import LanguageModel
from voicegw.errors import Problem
from voicegw.nlu.reader import Reader
from voicegw.qa.matching import matches
from voicegw.qa.text_call import Exchange, TextCall
from voicegw.qa.wordings import variations


@dataclass
class Failure:
    """Something that did not come out as it must."""

    line: int
    """Index in the conversation's talk."""
    message: str


@dataclass
class Outcome:
    """One conversation that was run."""

    index: int
    """Of the conversation in the dialplan."""
    name: str
    """With the wording that was varied, if one was."""
    failures: list[Failure] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    took_s: float = 0.0
    made_up: bool = False
    """In a wording that the test does not give."""


@dataclass(frozen=True)
class Variant:
    """A conversation with one of the caller's lines worded otherwise."""

    conversation: Conversation
    name: str
    said: tuple[str, ...]
    """What the caller says, line by line; empty where nothing is said."""
    made_up: bool = False
    """The wording is none that the test gives."""


def variants(conversation: Conversation, *, vary: bool, language: str = "en") -> Iterator[Variant]:
    """The conversation itself, and one for each other wording of each line.

    :param vary: with wordings made up, besides those that the test gives.
    :param language: of the wordings.
    """
    first = tuple(line.caller[0] if line.caller else "" for line in conversation.talk)
    yield Variant(conversation, conversation.name, first)
    for index, line in enumerate(conversation.talk):
        made = [made for given in line.caller for made in variations(given, language)] if vary else []
        for other in dict.fromkeys((*line.caller[1:], *made)):
            said = (*first[:index], other, *first[index + 1 :])
            if other != first[index]:
                name = f"{conversation.name} [{other}]"
                yield Variant(conversation, name, said, made_up=other not in line.caller)


class ScriptedTools:
    """Tools that answer as a test says."""

    def __init__(self, conversation: Conversation) -> None:
        self._results = {tool: list(results) for tool, results in conversation.tools.items()}
        self.missing: list[str] = []
        """Tools that were called, for which the test gives no result."""

    async def run(self, request: ActionRequest) -> ActionResult:
        """The next result; the last one stays."""
        results = self._results.get(request.tool)
        if not results:
            self.missing.append(request.tool)
            return ActionResult(request.id, request.tool, "failed")
        values = results.pop(0) if len(results) > 1 else results[0]
        return ActionResult(request.id, request.tool, str(values[STATUS]), values)


class RememberedVectors:
    """An embedder that makes each sentence's vector once: conversations of a test begin alike."""

    def __init__(self, embedder: SentenceEmbedder) -> None:
        self._embedder = embedder
        self._known: dict[str, np.ndarray] = {}

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """As the embedder does."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known |= zip(new, self._embedder.embed(new), strict=True)
        return np.stack([self._known[text] for text in texts]) if texts else self._embedder.embed(texts)


class DialplanTester:
    """Tests of one dialplan."""

    def __init__(self, plan: Dialplan, embedder: SentenceEmbedder, model: LanguageModel | None = None) -> None:
        self._plan = plan
        self._embedder = RememberedVectors(embedder)
        self._reader = Reader.of(plan.examples(), self._embedder.embed, plan.language)
        self._model = model

    async def run(self, *, vary: bool = False) -> list[Outcome]:
        """All conversations, in order."""
        return [
            await self._converse(index, variant)
            for index, conversation in enumerate(self._plan.tests)
            for variant in variants(conversation, vary=vary, language=self._plan.language)
        ]

    async def _converse(self, index: int, variant: Variant) -> Outcome:
        outcome = Outcome(index, variant.name, made_up=variant.made_up)
        began = time.monotonic()
        tools = ScriptedTools(variant.conversation)
        call = TextCall(
            self._plan, self._reader, self._embedder, tools.run, self._model, started=variant.conversation.at
        )
        exchange = await call.begin()
        outcome.transcript += [f"agent: {text}" for text in exchange.said]
        for place, (line, said) in enumerate(zip_longest(variant.conversation.talk, variant.said)):
            if exchange.ended:
                outcome.failures.append(Failure(place, "the call is over already"))
                break
            exchange = await _act(call, line, said, outcome.transcript)
            outcome.transcript += [f"agent: {text}" for text in exchange.said]
            outcome.failures += [Failure(place, message) for message in _wrong(line, exchange, call)]
            outcome.failures += [Failure(place, f"the test gives no result for {tool}") for tool in tools.missing]
            tools.missing.clear()
            if outcome.failures:  # what comes after is its consequence
                break
        outcome.took_s = time.monotonic() - began
        return outcome


async def _act(call: TextCall, line: Line, said: str, transcript: list[str]) -> Exchange:
    if line.keys:
        transcript.append(f"caller: (keys {line.keys})")
        return await call.press(line.keys)
    if line.silence:
        transcript.append("caller: (silence)")
        return await call.be_silent()
    transcript.append(f"caller: {said}")
    return await call.say(said)


def _wrong(line: Line, exchange: Exchange, call: TextCall) -> Iterator[str]:
    """What is not as the line wants it."""
    reply = " ".join(exchange.said)
    for expected in line.agent:
        if not matches(expected, reply):
            yield f"the agent must say {expected!r}, but said {reply!r}"
    for unwanted in line.never:
        if matches(unwanted, reply):
            yield f"the agent must not say {unwanted!r}, but said {reply!r}"
    slots = call.dialog.slots
    for name, value in line.slots.items():
        if slots.get(name) != value:
            yield f"{name} must be {value!r}, but is {slots.get(name)!r}"
    if line.calls is not None:
        yield from _wrong_calls(line.calls, [request for request, _ in exchange.actions])
    if line.task and call.dialog.task != line.task:
        yield f"the task must be {line.task!r}, but is {call.dialog.task!r}"
    ended = _ending(exchange)
    if line.ends != ended and (line.ends or ended):
        yield f"the call must {f'end as {line.ends}' if line.ends else 'go on'}, but it {_did(ended)}"


def _wrong_calls(expected: dict[str, dict[str, object] | None], requests: Sequence[ActionRequest]) -> Iterator[str]:
    made = {request.tool: dict(request.arguments) for request in requests}
    for tool, arguments in expected.items():
        if tool not in made:
            yield f"{tool} must be called, but was not"
        elif arguments is not None and made[tool] != arguments:
            yield f"{tool} must be called with {arguments}, but was with {made[tool]}"
    for tool in made.keys() - expected.keys():
        yield f"{tool} must not be called, but was, with {made[tool]}"


def _ending(exchange: Exchange) -> str:
    if exchange.ended is None:
        return ""
    return exchange.ended.disposition if isinstance(exchange.ended, Hangup) else "person"


def _did(ended: str) -> str:
    return f"ended as {ended}" if ended else "went on"


def problems_of(file: Path, outcome: Outcome) -> list[Problem]:
    """The failures of a conversation, each at its line of the file."""
    if not outcome.failures:
        return []
    source = Source(file.read_text(encoding="utf-8"), str(file))
    return [
        source.problem(("tests", outcome.index, "talk", failure.line), f"{outcome.name}: {failure.message}")
        for failure in outcome.failures
    ]
