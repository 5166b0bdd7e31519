"""Fakes for tests: of this project, and of what others build on it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import numpy as np

from voicegw.call.commands import ActionRequest, Command, Hangup, Listen, Say, StartAction, Think, Transfer
from voicegw.call.dialog import Dialog
from voicegw.call.events import (
    ActionFinished,
    ActionResult,
    CallBegan,
    DigitPressed,
    Event,
    SilenceLasted,
    ThoughtReady,
    TranscriptFinal,
)
from voicegw.dialplan.model import Dialplan
from voicegw.engines.llm import Limits, Message
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.slots import parse
from voicegw.nlu.understanding import IntentScore, Understanding

# --- conversations with a dialog ----------------------------------------------------------------------------

MONDAY_NOON = datetime(2026, 3, 16, 12)
"""When conversations in tests take place."""


@dataclass(frozen=True)
class KeywordReader:
    """Reads turns without sentence vectors: an intent holds if one of its keywords is said; values are parsed."""

    keywords: Mapping[str, Sequence[str]]
    """Intent to words, in small letters."""
    score: float = 0.9
    confident: bool = True

    def __call__(
        self, text: str, vector: np.ndarray | None, expecting: Expecting, today: date, now: time
    ) -> Understanding:
        said = text.casefold()
        found = (name for name, words in self.keywords.items() if any(word in said for word in words))
        intents = tuple(IntentScore(name, self.score) for name in found)
        slots = parse(text, expecting, today, now)
        yes = next((bool(slot.value) for slot in slots if slot.kind == "yes_no"), None)
        return Understanding(text, intents, slots, yes, self.confident and bool(intents))


RunTool = Callable[[Mapping[str, object]], tuple[str, dict[str, object]]]
"""Arguments to status and values."""


@dataclass
class Talk:
    """A conversation with a dialog: tools answer at once, the language model does not know."""

    plan: Dialplan
    read: Callable[..., Understanding]
    tools: Mapping[str, RunTool] = field(default_factory=dict)
    decide: Callable[[Think], dict[str, object] | None] = lambda think: None
    started: datetime = MONDAY_NOON
    requests: list[ActionRequest] = field(default_factory=list)
    """Tools that were run."""
    commands: list[Command] = field(default_factory=list)
    """In answer to the last event, and to what followed from it."""

    def __post_init__(self) -> None:
        self.dialog = Dialog(self.plan, self.read, started=self.started)
        self.now = 0.0

    def begins(self, **values: Any) -> str:
        """The call begins; returns the words of the agent."""
        return self.happens(CallBegan(**values))

    def says(self, text: str, confidence: float = 1.0) -> str:
        """The caller says something; returns the words of the agent."""
        return self.happens(TranscriptFinal(text, confidence))

    def keys(self, keys: str) -> str:
        """The caller presses keys; returns what the agent said to all of them."""
        return " ".join(filter(None, [self.happens(DigitPressed(key)) for key in keys]))

    def is_silent(self) -> str:
        """The caller says nothing for as long as the agent waits."""
        return self.happens(SilenceLasted(6.0))

    def happens(self, event: Event) -> str:
        """Something happens; returns the words of the agent."""
        self.now += 5.0
        self.commands = []
        todo: list[Event] = [event]
        while todo:
            commands = self.dialog.on(todo.pop(0), self.now)
            self.commands += commands
            todo += [answer for answer in map(self._answer, commands) if answer]
        return " ".join(command.text for command in self.commands if isinstance(command, Say))

    def _answer(self, command: Command) -> Event | None:
        if isinstance(command, Think):
            return ThoughtReady(command.id, self.decide(command))
        if not isinstance(command, StartAction):
            return None
        request = command.request
        self.requests.append(request)
        if request.tool not in self.tools:
            return None
        status, values = self.tools[request.tool](request.arguments)
        return ActionFinished(ActionResult(request.id, request.tool, status, values))

    @property
    def listening(self) -> Listen | None:
        """What the agent listens for after its last words."""
        return next((command for command in reversed(self.commands) if isinstance(command, Listen)), None)

    @property
    def ended(self) -> Hangup | Transfer | None:
        """How the last event ended the agent's part."""
        return next((command for command in self.commands if isinstance(command, Hangup | Transfer)), None)


# --- engines ------------------------------------------------------------------------------------------------


@dataclass
class ScriptedModel:
    """A language model that writes ``pieces``, and then ends or, if it ``hangs``, never does."""

    pieces: Sequence[str]
    hangs: bool = False
    asked: list[Sequence[Message]] = field(default_factory=list)
    closed: int = 0
    """Completions that were cancelled."""

    async def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[str, None]:
        """As ``LanguageModel`` says."""
        self.asked.append(messages)
        try:
            for piece in self.pieces:
                yield piece
            if self.hangs:
                await asyncio.Event().wait()
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise

    async def warm_up(self, messages: Sequence[Message]) -> None:
        """Needs none."""
