"""Asks the language model what the reflex is not sure of."""

import asyncio
import json
from collections.abc import Callable

from voicegw import log
from voicegw.call.commands import Think
from voicegw.call.events import ThoughtReady
from voicegw.engines.llm import LanguageModel, Limits, Message
from voicegw.errors import VoicegwError

logger = log.get_logger()


class Thinker:
    """Thinks for one call, one thought at a time: a new question drops the one before.

    :param model: None where there is no language model; every thought is then None at once.
    """

    def __init__(self, model: LanguageModel | None, timeout_s: float = 4.0) -> None:
        self._model = model
        self._timeout_s = timeout_s
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """A thought is under way."""
        return self._task is not None and not self._task.done()

    def start(self, think: Think, done: Callable[[ThoughtReady], None]) -> None:
        """Answer by ``done``, on the loop, also when the model fails or is too slow."""
        if self._task:
            self._task.cancel()
        self._task = asyncio.create_task(self._think(think, done))

    async def _think(self, think: Think, done: Callable[[ThoughtReady], None]) -> None:
        decision: dict[str, object] | None = None
        if self._model is not None:
            try:
                async with asyncio.timeout(self._timeout_s):
                    decision = await self._ask(self._model, think)
            except (TimeoutError, ValueError, VoicegwError) as error:
                logger.warning("llm.no_answer", error=repr(error))
        done(ThoughtReady(think.id, decision))

    async def _ask(self, model: LanguageModel, think: Think) -> dict[str, object]:
        messages = [Message("system", think.system), Message("user", think.user)]
        limits = Limits(json_schema=think.schema, timeout_s=self._timeout_s)
        text = "".join([piece async for piece in model.stream(messages, limits)])
        decision: object = json.loads(text)
        if not isinstance(decision, dict):
            raise ValueError(f"not an object: {text[:80]!r}")
        return decision
