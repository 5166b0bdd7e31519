"""Asks the language model what the reflex is not sure of; also ahead of the caller's last word."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace

from voicegw import log
from voicegw.call.commands import Think
from voicegw.call.decisions import settled
from voicegw.call.events import ThoughtReady
from voicegw.engines.llm import LanguageModel, Limits, Message
from voicegw.errors import VoicegwError

logger = log.get_logger()


class Thinker:
    """Thinks for one call, one thought at a time: a new question drops the one before, also on the server.

    Belongs to the worker's event loop.

    :param model: None where there is no language model; every thought is then None at once.
    """

    def __init__(self, model: LanguageModel | None, timeout_s: float = 4.0) -> None:
        self._model = model
        self._timeout_s = timeout_s
        self.allowed = True
        """False while the machine has no time for it: every thought is then None at once, too."""
        self._question: Think | None = None
        """What ``_thought`` is about."""
        self._thought: asyncio.Task[dict[str, object] | None] | None = None
        self._waiting: asyncio.Task[None] | None = None
        """Hands the thought to who asked for it; None while it only runs ahead."""

    @property
    def busy(self) -> bool:
        """The dialog waits for a thought."""
        return self._waiting is not None and not self._waiting.done()

    def start(self, think: Think, done: Callable[[ThoughtReady], None]) -> bool:
        """Answer by ``done``, on the loop, also when the model fails or is too slow.

        :returns: whether the thought had been begun ahead.
        """
        if self._waiting:
            self._waiting.cancel()
        thought, was_ahead = self._think_about(think)
        self._waiting = asyncio.create_task(self._hand_over(think.id, thought, done))
        return was_ahead

    async def fetch(self, think: Think) -> ThoughtReady:
        """Think ahead of its time: the same question asked for later finds the thought, finished or under way.

        :raises ValueError: the dialog waits for another thought, which this one would drop.
        """
        if self.busy and self._question != _question(think):
            raise ValueError("a thought that is waited for cannot be dropped for one ahead")
        thought, _ = self._think_about(think)
        return ThoughtReady(think.id, await asyncio.shield(thought))

    def forget_ahead(self) -> None:
        """A thought that only runs ahead is not needed (any more)."""
        if self._thought and not self.busy:
            self._thought.cancel()
            self._question = None

    def _think_about(self, think: Think) -> tuple["asyncio.Task[dict[str, object] | None]", bool]:
        """The thought, and whether it had been begun before."""
        question = _question(think)
        if self._thought and self._question == question and not self._thought.cancelled():
            return self._thought, True
        if self._thought:
            self._thought.cancel()
        self._question = question
        self._thought = asyncio.create_task(self._think(think))
        return self._thought, False

    async def _hand_over(
        self,
        number: int,
        thought: "asyncio.Task[dict[str, object] | None]",
        done: Callable[[ThoughtReady], None],
    ) -> None:
        decision = await asyncio.shield(thought)
        self._waiting = None
        done(ThoughtReady(number, decision))

    async def _think(self, think: Think) -> dict[str, object] | None:
        if self._model is None or not self.allowed:
            return None
        return await decide(self._model, think, self._timeout_s)


async def decide(model: LanguageModel, think: Think, timeout_s: float) -> dict[str, object] | None:
    """What the model answers; None if it fails, or takes longer."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _ask(model, think, timeout_s)
    except (TimeoutError, ValueError, VoicegwError) as error:
        logger.warning("llm.no_answer", error=repr(error))
        return None


async def _ask(model: LanguageModel, think: Think, timeout_s: float) -> dict[str, object]:
    """
    :raises ValueError: the completion ended without an answer.
    """
    messages = [Message("system", think.system), Message("user", think.user)]
    limits = Limits(json_schema=think.schema, timeout_s=timeout_s)
    text = ""
    async with contextlib.aclosing(model.stream(messages, limits)) as pieces:
        async for piece in pieces:
            text += piece
            if (decision := settled(think.schema, text)) is not None:
                return decision
    raise ValueError(f"not an object: {text[:80]!r}")


def _question(think: Think) -> Think:
    """What is asked, whoever asks it."""
    return replace(think, id=0)
