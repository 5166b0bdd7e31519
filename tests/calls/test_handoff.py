"""Callers are handed to a person on real calls: a service, a caller who speaks, and another cell as the person."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.calls.services import light
from voicegw.gateway import children
from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script
from voicegw.qa.service import start_service
from voicegw.qa.stored import stories
from voicegw.wire import link as wire_link
from voicegw.wire.link import Link
from voicegw.wire.messages import (
    AnswerCall,
    CallEnded,
    CallStarted,
    CellReady,
    Frame,
    Heartbeat,
    Message,
    SendDigits,
    WorkerAssigned,
    WorkerWanted,
)

pytestmark = [pytest.mark.calls, pytest.mark.timeout(240)]
DIALPLAN = Path(__file__).parent.parent.parent / "dialplans" / "acme-orders.yaml"


@dataclass
class Desk:
    """A person's phone: answers (or not), hears the briefing, presses a key."""

    presses: str
    """A key."""
    port: int = 0
    asked: list[CallStarted] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """A joined call has ended."""

    async def run(self, child: children.Child, ready: asyncio.Event) -> None:
        async for message, _ in _messages(child.link):
            if isinstance(message, CellReady):
                self.port = message.sip_port
                ready.set()
            elif isinstance(message, WorkerWanted):
                ours, theirs = wire_link.pair()
                child.link.send(WorkerAssigned(message.call_id, 1, "person"), [theirs.sock])
                theirs.close()
                await self._answer(ours)

    async def _answer(self, link: Link) -> None:
        frames, pressed = 0, False
        link.send(AnswerCall())
        with contextlib.suppress(ConnectionError):
            async for message, _ in _messages(link):
                if isinstance(message, CallStarted):
                    self.asked.append(message)
                elif isinstance(message, Frame):
                    frames += 1
                    if frames == 50 and not pressed:
                        link.send(SendDigits(self.presses))
                        pressed = True
                    if frames % 20 == 0:
                        link.send(Heartbeat())
                elif isinstance(message, CallEnded) and self.presses == "1":
                    self.left.set()


async def _messages(link: Link) -> AsyncIterator[tuple[Message, list[object]]]:
    readable = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(link, readable.set)
    try:
        while True:
            await readable.wait()
            readable.clear()
            while (message := link.receive()) is not None:
                yield message, []
    finally:
        loop.remove_reader(link)


@asynccontextmanager
async def desk(presses: str) -> AsyncIterator[Desk]:
    child = await children.start("desk", "voicegw.gateway.cell", ["--host", "127.0.0.1", "--log-level", "warning"])
    person, ready = Desk(presses), asyncio.Event()
    running = asyncio.create_task(person.run(child, ready))
    try:
        await asyncio.wait_for(ready.wait(), 20)
        yield person
    finally:
        running.cancel()
        await child.stop()


def dialplan(folder: Path, person: Desk) -> Path:
    text = DIALPLAN.read_text(encoding="utf-8")
    file = folder / "plan.yaml"
    to = f"to: sip:service@127.0.0.1:{person.port}\n  mode: attended"
    file.write_text(text.replace("to: sip:service@pbx.acme.example", to), encoding="utf-8")
    return file


async def test_a_person_takes_the_caller_or_the_caller_comes_back_to_the_agent(tmp_path):
    async with desk("2") as person:
        service = await start_service(light(tmp_path / "data", dialplans=str(dialplan(tmp_path, person))))
        uri = f"sip:5000@127.0.0.1:{service.sip_port}"
        ask = SayLine("I want to talk to a person.")
        try:
            lines = (ask, SayLine("What are your opening hours?", after_ms=6000))
            report = await place_call(uri, Script(lines, patience_s=15), timeout_s=60, transcribe=True)
            person.presses = "1"
            await place_call(uri, Script((ask,), patience_s=10, goodbye_ms=6000), timeout_s=60)
            declined, taken = await stories(service, 2)
        finally:
            await service.stop()
        await asyncio.wait_for(person.left.wait(), 5)
    heard = " ".join([report.greeting, *report.answers]).lower()
    assert "nobody is free" in heard
    assert "nine" in heard or "9" in heard
    assert declined.call.disposition in ("completed", "abandoned")
    assert taken.call.disposition == "handed_over"
    for asked in person.asked:
        assert asked.headers["User-to-User"].endswith(";encoding=hex")
        assert "X-Voicegw-Context" in asked.headers
        assert not any("person" in value for value in asked.headers.values())
    log = service.log_file.read_text(encoding="utf-8")
    assert '"event": "call.joined"' in log
    assert "Traceback" not in log
