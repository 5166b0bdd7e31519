"""Chats with dialplans by text, in a process of its own, for a console that has callers on the line.

``python -m voicegw.qa.chatting`` reads settings as one line of JSON from stdin, then a line for each thing to do, and
answers each by a line on stdout:

    {"chat": "1", "begin": "FILE", "caller": "ann"}
                                        {"said": ["Hello …"], "actions": [], "why": [], "ended": ""}
    {"chat": "1", "line": "hi"}         {"said": […], …}  or  {"problem": "…"}
    {"chat": "1"}                       {}: that chat is not wanted any more

What is confirmed is only said to be done (``actions.rehearsal``); with ``"for_real": "yes"`` beside ``begin``, it is
done by the service's action runner, as on a call.
"""

import asyncio
import json
import os
import sys
import time
import uuid
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from voicegw import config, log
from voicegw.actions.judging import policies
from voicegw.actions.registry import Toolbox
from voicegw.actions.rehearsal import Rehearsal
from voicegw.call.commands import Effect, Hangup
from voicegw.config import Settings
from voicegw.dialplan import files
from voicegw.engines import registry
from voicegw.engines.embed import SentenceEmbedder
from voicegw.engines.llm import LanguageModel
from voicegw.errors import DialplanError, VoicegwError
from voicegw.nlu.reader import Reader
from voicegw.qa.dialplan_test import RememberedVectors
from voicegw.qa.explaining import reasons
from voicegw.qa.text_call import Exchange, TextCall
from voicegw.worker.hands import by_effect
from voicegw.worker.writes import Writes

IDLE_S = 600.0
"""After so long without a line the process ends, and its memory is free."""
NICENESS = 5
LONGEST_LINE = 1 << 20


class Chats:
    """All that are going on. Belongs to one event loop."""

    def __init__(
        self, settings: Settings, embedder: SentenceEmbedder, tools: Toolbox, model: LanguageModel | None
    ) -> None:
        self._settings = settings
        self._embedder = RememberedVectors(embedder)
        self._tools = tools
        self._model = model
        self._calls: dict[str, TextCall] = {}

    async def answer(self, asked: dict[str, str]) -> dict[str, Any]:
        """What one line of the input leads to."""
        chat = asked["chat"]
        try:
            if "begin" in asked:
                self._calls[chat] = call = self._call(Path(asked["begin"]), self._acts(asked))
                return told(await call.begin())
            if "line" in asked:
                return told(await self._calls[chat].take(asked["line"]))
        except VoicegwError as error:
            return {"problem": str(error)}
        self._calls.pop(chat, None)
        return {}

    def _acts(self, asked: dict[str, str]) -> Rehearsal | Writes:
        """Who does what is confirmed."""
        if "for_real" not in asked:
            return Rehearsal(self._tools, policies(self._settings))
        call_id = f"chat-{uuid.uuid4().hex}"
        return Writes(self._settings.data_dir, call_id, asked["caller"], _no_state, time.time)

    def _call(self, file: Path, acts: Rehearsal | Writes) -> TextCall:
        """:raises DialplanError: it has errors."""
        plan, problems = files.read(file, self._tools.facts())
        errors = [problem for problem in problems if problem.severity == "error"]
        if plan is None or errors:
            raise DialplanError(errors)
        reader = Reader.of(plan.examples(), self._embedder.embed, plan.language)
        started = self._settings.pretend_now
        run = by_effect(self._tools, acts.run)
        return TextCall(plan, reader, self._embedder, run, self._model, started, acts.promise)


async def _no_state() -> None:
    """A chat that is broken off is not gone on with."""


def told(exchange: Exchange) -> dict[str, Any]:
    """An exchange, for a page."""
    ended = exchange.ended
    over = "" if ended is None else ended.disposition if isinstance(ended, Hangup) else f"given to {ended.target}"
    return {
        "said": exchange.said,
        "actions": [
            {
                "tool": request.tool,
                "arguments": {name: str(value) for name, value in request.arguments.items()},
                "status": result.status,
                "writes": request.effect is Effect.WRITES,
                "took_ms": result.took_ms,
            }
            for request, result in exchange.actions
        ],
        "why": list(reasons(exchange.decision)) if exchange.decision else [],
        "ended": over,
    }


async def serve() -> None:
    """Until nobody has anything to say any more."""
    lines = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    settings = config.from_values(json.loads(await lines.readline()))
    log.configure_from(settings.log)
    embedder = registry.sentence_embedder(settings)
    async with AsyncExitStack() as stack:
        tools = Toolbox.load(settings)
        stack.push_async_callback(tools.close)
        await tools.open(embedder.embed)
        chats = Chats(settings, embedder, tools, registry.language_model(settings))
        while line := await _next(lines):
            print(json.dumps(await chats.answer(json.loads(line))), flush=True)


async def _next(lines: asyncio.StreamReader) -> bytes:
    """Empty: there is none, or none came for a long time."""
    try:
        return await asyncio.wait_for(lines.readline(), IDLE_S)
    except TimeoutError:
        return b""


if __name__ == "__main__":
    os.nice(NICENESS)
    asyncio.run(serve())
