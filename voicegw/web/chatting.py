"""Chats by text with drafts: one for each user and dialplan, all in a process of their own (``qa.chatting``)."""

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass
from typing import Any

from voicegw.config import Settings, environment_for_children
from voicegw.errors import SetupError
from voicegw.log import get_logger
from voicegw.publishing import bundles
from voicegw.publishing.record import Draft

ANSWER_S = 60.0
"""Models are loaded before the first answer; a tool and a language model may be slow in any."""
LONGEST_LINE = 1 << 20

log = get_logger()


class ChatFailed(SetupError):
    """The draft does not answer."""


@dataclass(frozen=True)
class ChatTurn:
    """What a line led to."""

    said: tuple[str, ...]
    actions: tuple[dict[str, Any], ...]
    """``tool``, ``arguments``, ``status``, ``took_ms``, and whether it ``writes``."""
    why: tuple[str, ...]
    """How the line was understood."""
    ended: str
    """How the agent's part is over; empty: it is not."""


@dataclass(frozen=True)
class Answered:
    """What is new in a chat."""

    revision: int
    """Of the draft that answered."""
    opening: ChatTurn | None
    """A new conversation began with this."""
    turn: ChatTurn | None
    """None: nothing was said but the opening."""


@dataclass(frozen=True)
class Trial:
    """How a draft is chatted with."""

    who: str
    anew: bool = False
    """In a new conversation."""
    for_real: bool = False
    """What is confirmed is done, as on a call; else it is only said to be."""


class Chatting:
    """Belongs to the web process's event loop. No process is there before somebody chats."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._going_on: dict[str, tuple[int, bool]] = {}
        """By chat, the revision of the draft that answers, and whether for real; as the process has them."""
        self._one_at_a_time = asyncio.Lock()

    async def take(self, draft: Draft, line: str | None, how: Trial) -> Answered:
        """Says ``line`` to the draft, in a new conversation if that is wanted, if there is none, if the last one is
        over, or if the draft, or whether it acts for real, has changed since.

        :param line: as of ``TextCall.take``; None: nothing, only begin anew.
        :raises ChatFailed: the draft has errors, or its process does not answer.
        """
        chat = json.dumps([how.who, draft.name])
        wanted = draft.revision, how.for_real
        async with self._one_at_a_time:
            await self._be_there()
            opening = None
            if how.anew or line is None or self._going_on.get(chat) != wanted:
                file = await asyncio.to_thread(bundles.unpack_draft, draft, self._settings.data_dir / bundles.FOLDER)
                begin = {"begin": str(file.absolute()), "caller": how.who}
                opening = await self._ask({"chat": chat, **begin, **({"for_real": "yes"} if how.for_real else {})})
                self._going_on[chat] = wanted
            turn = await self._ask({"chat": chat, "line": line}) if line is not None else None
            last = turn or opening
            if last and last.ended:
                del self._going_on[chat]
            return Answered(draft.revision, opening, turn)

    async def close(self) -> None:
        """End the process."""
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _be_there(self) -> None:
        if self._process and self._process.returncode is None:
            return
        self._going_on.clear()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voicegw.qa.chatting"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment_for_children(),
            limit=LONGEST_LINE,
        )
        log.info("chat.process_started", pid=self._process.pid)
        await self._send(self._settings.model_dump(mode="json"))

    async def _ask(self, asked: dict[str, str]) -> ChatTurn:
        assert self._process
        assert self._process.stdout
        try:
            await self._send(asked)
            line = await asyncio.wait_for(self._process.stdout.readline(), ANSWER_S)
        except (TimeoutError, ConnectionError):
            line = b""
        if not line:
            await self.close()
            raise ChatFailed("the draft did not answer: the service's log says why; try again")
        told = json.loads(line)
        if "problem" in told:
            raise ChatFailed(told["problem"])
        return ChatTurn(tuple(told["said"]), tuple(told["actions"]), tuple(told["why"]), told["ended"])

    async def _send(self, values: dict[str, Any]) -> None:
        assert self._process
        assert self._process.stdin
        self._process.stdin.write(json.dumps(values).encode() + b"\n")
        await self._process.stdin.drain()
