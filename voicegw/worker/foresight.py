"""Speculation: a copy of the dialog runs ahead on words that may be the last of the turn.

Nothing of it is heard or done. Its speech is synthesised ahead, its reads are fetched ahead, and the language model
thinks ahead, so that all this is there when the turn really ends with words that mean the same. Nothing needs to be
committed: the real dialog asks for the same speech, reads and thoughts, and finds them ready. What has a side
effect is never run from here.
"""

import asyncio
from collections.abc import Callable

import numpy as np

from voicegw.call.commands import Command, Effect, Say, StartAction, Think
from voicegw.call.events import ActionFinished, ThoughtReady, TranscriptFinal
from voicegw.call.orders import Heard
from voicegw.call.outlook import judged
from voicegw.call.talker import Talker
from voicegw.worker.hands import Hands
from voicegw.worker.mouth import Mouth
from voicegw.worker.thinker import Thinker

MOST_STEPS = 3
"""Chained reads and thoughts that are followed ahead."""


class Foresight:
    """Runs ahead of one call. Belongs to the worker's event loop."""

    def __init__(self, mouth: Mouth, hands: Hands, thinker: Thinker, now_s: Callable[[], float]) -> None:
        self._mouth = mouth
        self._hands = hands
        self._thinker = thinker
        self._now_s = now_s
        self.allowed = True
        """False while the machine has no time for what nobody may come to need."""
        self._seen: list[Command] = []
        """What the dialog would do after the last words, stable or not."""
        self._ahead: list[Command] = []
        """What is being prepared, or is ready."""
        self._task: asyncio.Task[None] | None = None

    def look_ahead(
        self, dialog: Talker, heard: Heard, vector: np.ndarray | None, *, pausing: bool = True, asked: str = "any"
    ) -> Heard:
        """Prepare what ``dialog`` would do if the turn ended with these words.

        :param pausing: the caller has paused after these words; else only what means the same twice running is
            prepared, since most words in the middle of a sentence mean nothing yet.
        :param asked: the kind of value that was asked for.
        :returns: the words, as complete as the dialog finds them.
        """
        copy = dialog.copy()
        commands = copy.on(TranscriptFinal(heard.text, heard.confidence, vector), self._now_s())
        stable = pausing or commands == self._seen
        self._seen = commands
        if self.allowed and stable and commands != self._ahead:
            self._drop()
            self._ahead = commands
            self._task = asyncio.create_task(self._follow(copy, commands))
        return judged(heard, copy.decision, commands, asked=asked)

    def forget(self) -> None:
        """The turn is over, or was none."""
        self._seen = []
        self._drop()

    def _drop(self) -> None:
        self._ahead = []
        if self._task:
            self._task.cancel()
            self._task = None
        self._thinker.forget_ahead()

    async def _follow(self, copy: Talker, commands: list[Command]) -> None:
        for _ in range(MOST_STEPS):
            first = next((command for command in commands if isinstance(command, Say)), None)
            if first:
                self._mouth.prepare(first)
                return
            answer = await self._fetch(commands)
            if answer is None:
                return
            commands = copy.on(answer, self._now_s())

    async def _fetch(self, commands: list[Command]) -> ActionFinished | ThoughtReady | None:
        """What a read or a thought comes to; None if nothing among ``commands`` may run ahead."""
        for command in commands:
            if isinstance(command, StartAction) and command.request.effect is Effect.READS:
                return ActionFinished(await self._hands.fetch(command.request))
            if isinstance(command, Think) and not self._thinker.busy:
                return await self._thinker.fetch(command)
        return None
