"""Speculation: a copy of the dialog runs ahead on words that may be the last of the turn.

Nothing of it is heard or done. Its speech is synthesised ahead and its reads are fetched ahead, so that they
are there when the turn really ends with these words. Nothing needs to be committed: the real dialog asks for the
same speech and the same reads, and finds them ready. What has a side effect is never run from here.
"""

import asyncio
from collections.abc import Callable

import numpy as np

from voicegw.call.commands import Command, Effect, Say, StartAction
from voicegw.call.dialog import Dialog
from voicegw.call.events import ActionFinished, TranscriptFinal
from voicegw.worker.hands import Hands
from voicegw.worker.mouth import Mouth

MOST_STEPS = 3
"""Chained reads that are followed ahead."""


class Foresight:
    """Runs ahead of one call. Belongs to the worker's event loop."""

    def __init__(self, mouth: Mouth, hands: Hands, now_s: Callable[[], float]) -> None:
        self._mouth = mouth
        self._hands = hands
        self._now_s = now_s
        self._text = ""
        self._settled = False
        self._task: asyncio.Task[None] | None = None

    def look_ahead(self, dialog: Dialog, text: str, confidence: float, vector: np.ndarray | None) -> bool:
        """Prepare what ``dialog`` would do if the turn ended with ``text``.

        :returns: whether the words settle it: the dialog would go and look something up, and lacks nothing for that.
        """
        if text == self._text:
            return self._settled
        self.forget()
        self._text = text
        copy = dialog.copy()
        commands = copy.on(TranscriptFinal(text, confidence, vector), self._now_s())
        self._settled = any(isinstance(command, StartAction) for command in commands)
        self._task = asyncio.create_task(self._follow(copy, commands))
        return self._settled

    def forget(self) -> None:
        """The caller said something else."""
        self._text = ""
        self._settled = False
        if self._task:
            self._task.cancel()
            self._task = None

    async def _follow(self, copy: Dialog, commands: list[Command]) -> None:
        for _ in range(MOST_STEPS):
            first = next((command for command in commands if isinstance(command, Say)), None)
            if first:
                self._mouth.prepare(first)
                return
            action = next((command for command in commands if isinstance(command, StartAction)), None)
            if action is None or action.request.effect is not Effect.READS:
                return
            result = await self._hands.fetch(action.request)
            commands = copy.on(ActionFinished(result), self._now_s())
