"""A call by text: a dialog with its real reading, tools and language model, without sound."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from voicegw.call.commands import (
    ActionRequest,
    Command,
    Hangup,
    Say,
    SendWhenDone,
    StartAction,
    Think,
    Transfer,
)
from voicegw.call.dialog import Decision, Dialog
from voicegw.call.events import (
    ActionFinished,
    ActionResult,
    CallBegan,
    DigitPressed,
    Event,
    PlayoutHeard,
    SilenceLasted,
    ThoughtReady,
    TranscriptFinal,
)
from voicegw.dialplan.model import Dialplan
from voicegw.engines.embed import SentenceEmbedder
from voicegw.engines.llm import LanguageModel
from voicegw.nlu.reader import Reader
from voicegw.worker.thinker import Thinker

Run = Callable[[ActionRequest], Awaitable[ActionResult]]
"""Runs a tool."""
SILENCE_S = 6.0
KEYS = "#"
"""A line that begins so is keys pressed."""


@dataclass
class Exchange:
    """What one event led to."""

    said: list[str] = field(default_factory=list)
    """The agent's words."""
    actions: list[tuple[ActionRequest, ActionResult]] = field(default_factory=list)
    """Tools that were run, and what came of them."""
    ended: Hangup | Transfer | None = None
    """The agent's part is over."""
    decision: Decision | None = None
    """How the caller was understood."""


class TextCall:
    """One conversation. Time passes as fast as the answers come.

    :param run: runs tools; ``Toolbox.run``, or a stand-in.
    :param model: asked where the reflex is not sure; None: nobody is.
    :param promise: has a message sent when a write that was run ends.
    """

    def __init__(
        self,
        plan: Dialplan,
        reader: Reader,
        embedder: SentenceEmbedder,
        run: Run,
        model: LanguageModel | None = None,
        started: datetime | None = None,
        promise: Callable[[SendWhenDone], None] | None = None,
    ) -> None:
        self.dialog = Dialog(plan, reader.read, started=started or datetime.now())
        self._embedder = embedder
        self._run = run
        self._promise = promise
        self._thinker = Thinker(model)
        self._now_s = 0.0
        self._utterances = 0

    async def begin(self) -> Exchange:
        """The caller is on the line."""
        return await self._tell(CallBegan())

    async def say(self, text: str) -> Exchange:
        """The caller says something."""
        return await self._tell(TranscriptFinal(text, 1.0, self._embedder.embed([text])[0]))

    async def press(self, keys: str) -> Exchange:
        """The caller presses keys, one after another."""
        whole = Exchange()
        for key in keys:
            exchange = await self._tell(DigitPressed(key))
            whole.said += exchange.said
            whole.actions += exchange.actions
            whole.ended = whole.ended or exchange.ended
            whole.decision = exchange.decision
        return whole

    async def take(self, line: str) -> Exchange:
        """A line as somebody types it: nothing is silence, ``#12`` are keys, all else is said."""
        if not line.strip():
            return await self.be_silent()
        if line.startswith(KEYS):
            return await self.press(line[1:].strip())
        return await self.say(line)

    async def be_silent(self) -> Exchange:
        """The caller says nothing."""
        return await self._tell(SilenceLasted(SILENCE_S))

    async def _tell(self, event: Event) -> Exchange:
        self._now_s += 1.0
        exchange = Exchange()
        commands = self.dialog.on(event, self._now_s)
        while commands:
            commands = await self._perform(commands, exchange)
        exchange.decision = self.dialog.decision
        return exchange

    async def _perform(self, commands: list[Command], exchange: Exchange) -> list[Command]:
        """Do what is to be done; returns what is to be done about what came of it."""
        more: list[Command] = []
        for command in commands:
            match command:
                case Say(text=text):
                    exchange.said.append(text)
                    self._utterances += 1
                    self.dialog.on(PlayoutHeard(self._utterances, text, True), self._now_s)
                case StartAction(request=request):
                    result = await self._run(request)
                    exchange.actions.append((request, result))
                    more += self.dialog.on(ActionFinished(result), self._now_s)
                case Think():
                    more += self.dialog.on(await self._think(command), self._now_s)
                case SendWhenDone() if self._promise:
                    self._promise(command)
                case Hangup() | Transfer():
                    exchange.ended = command
        return more

    async def _think(self, think: Think) -> ThoughtReady:
        thought: asyncio.Future[ThoughtReady] = asyncio.get_running_loop().create_future()
        self._thinker.start(think, thought.set_result)
        return await thought
