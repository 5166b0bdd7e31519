"""A call without SIP is a call: answered, played to, listened to, and given another worker when it loses its own."""

import asyncio
from dataclasses import dataclass, field

from voicegw.gateway.soft_call import Ended, Heard, SoftCall
from voicegw.gateway.soft_cell import SoftCell
from voicegw.wire import link as wire_link
from voicegw.wire import messages as wire
from voicegw.wire.link import Link

WANTED = wire.WorkerWanted("c1", "ann", "acme", channel="browser", dialplan="acme", version=-3)
VOICE = b"\1\0" * (wire.FRAME_BYTES // 2)


@dataclass
class Line:
    """A caller who says the same for ever."""

    codec: str = "none"
    played: list[bytes | None] = field(default_factory=list)
    hangs_up: bool = False

    def exchange(self, played: bytes | None, at_ms: int) -> Heard:
        self.played.append(played)
        return Heard(VOICE, hung_up=self.hangs_up)


class Exchange:
    """The supervisor's and the workers' side."""

    def __init__(self) -> None:
        self.supervisor, cells = wire_link.pair()
        self.cell = SoftCell(cells, lambda message: self.others.append(message), lambda: self.lost.set())
        self.line = Line()
        self.told: list[wire.Message] = []
        self.others: list[wire.Message] = []
        """What the cell passes on."""
        self.lost = asyncio.Event()

    def begin(self) -> "asyncio.Task[Ended]":
        self.call = SoftCall(self.cell, WANTED, self.line)
        return asyncio.create_task(self.call.run(10))

    async def next(self, link: Link, kind: type[wire.Message]) -> wire.Message:
        async with asyncio.timeout(5):
            while True:
                message = link.receive()
                if message is None:
                    await asyncio.sleep(0.005)
                elif isinstance(message, kind):
                    return message
                else:
                    self.told.append(message)

    async def give_worker(self, number: int) -> Link:
        await self.next(self.supervisor, wire.WorkerWanted)
        ours, theirs = wire_link.pair()
        self.supervisor.send(wire.WorkerAssigned("c1", number, "acme", -3), [theirs.sock])
        theirs.close()
        return ours


async def test_a_call_is_answered_played_to_and_ended_by_the_agent() -> None:
    exchange = Exchange()
    call = exchange.begin()
    worker = await exchange.give_worker(1)
    started = await exchange.next(worker, wire.CallStarted)
    assert (started.dialplan, started.version, started.resumed) == ("acme", -3, False)
    worker.send(wire.AnswerCall())
    await exchange.next(worker, wire.CallAnswered)
    worker.send(wire.Speech(1, VOICE * 3))
    worker.send(wire.SpeechEnded(1))
    ended_speech = await exchange.next(worker, wire.PlayoutEnded)
    assert (ended_speech.heard_ms, ended_speech.complete) == (60, True)
    frame = await exchange.next(worker, wire.Frame)
    assert frame.heard == VOICE
    worker.send(wire.HangUp(200, "bye"))
    ended = await call
    assert (ended.by, ended.reason, ended.answered) == ("agent", "bye", True)
    assert exchange.line.played.count(VOICE) == 3
    over = await exchange.next(exchange.supervisor, wire.CallProgressed)
    assert over.state == "answered"
    over = await exchange.next(exchange.supervisor, wire.CallProgressed)
    assert (over.state, over.facts["by"]) == ("ended", "agent")


async def test_a_worker_that_dies_is_replaced_and_the_caller_stays() -> None:
    exchange = Exchange()
    call = exchange.begin()
    first = await exchange.give_worker(1)
    await exchange.next(first, wire.CallStarted)
    first.send(wire.AnswerCall())
    await exchange.next(first, wire.Frame)
    first.close()
    lost = await exchange.next(exchange.supervisor, wire.WorkerLost)
    assert (lost.worker, lost.hung) == (1, False)
    second = await exchange.give_worker(2)
    started = await exchange.next(second, wire.CallStarted)
    assert started.resumed
    await exchange.next(second, wire.CallAnswered)
    exchange.line.hangs_up = True
    ended = await exchange.next(second, wire.CallEnded)
    assert ended.by == "caller"
    assert (await call).by == "caller"


async def test_a_call_that_is_turned_away_is_over_and_told() -> None:
    exchange = Exchange()
    call = exchange.begin()
    await exchange.next(exchange.supervisor, wire.WorkerWanted)
    exchange.supervisor.send(wire.CallTurnedAway("c1", 503, "all workers are taken", 5))
    ended = await call
    assert (ended.answered, ended.sip_status, ended.reason) == (False, 503, "all workers are taken")
    over = await exchange.next(exchange.supervisor, wire.CallProgressed)
    assert over.facts["sip_status"] == 503


ORDER = wire.CallOrdered("c1", "hand_over")


async def test_a_hand_over_that_is_ordered_while_it_rings_reaches_the_worker_once_it_is_found() -> None:
    exchange = Exchange()
    exchange.begin()
    await exchange.next(exchange.supervisor, wire.WorkerWanted)
    exchange.call.pass_on(ORDER)
    exchange.call.pass_on(wire.Ease(1))
    ours, theirs = wire_link.pair()
    exchange.supervisor.send(wire.WorkerAssigned("c1", 1, "acme", -3), [theirs.sock])
    assert await exchange.next(ours, wire.CallOrdered) == ORDER
    assert [type(message) for message in exchange.told] == [wire.CallStarted]
    exchange.call.end("caller")


async def test_a_hand_over_that_is_ordered_between_two_workers_reaches_the_second() -> None:
    exchange = Exchange()
    exchange.begin()
    first = await exchange.give_worker(1)
    await exchange.next(first, wire.CallStarted)
    first.send(wire.AnswerCall())
    await exchange.next(first, wire.Frame)
    first.close()
    await exchange.next(exchange.supervisor, wire.WorkerLost)
    exchange.call.pass_on(ORDER)
    second = await exchange.give_worker(2)
    assert await exchange.next(second, wire.CallOrdered) == ORDER
    exchange.call.end("caller")


async def test_a_worker_that_comes_for_a_call_that_is_over_is_given_back() -> None:
    exchange = Exchange()
    ours, theirs = wire_link.pair()
    exchange.supervisor.send(wire.WorkerAssigned("gone", 7, "acme", 1), [theirs.sock])
    returned = await exchange.next(exchange.supervisor, wire.WorkerReturned)
    assert returned.worker == 7
    ours.close()


async def test_a_cell_passes_on_what_is_not_about_workers_and_tells_that_the_supervisor_is_gone() -> None:
    exchange = Exchange()
    exchange.supervisor.send(ORDER)
    exchange.supervisor.send(wire.CallTurnedAway("gone", 503, "late"))
    exchange.supervisor.close()
    async with asyncio.timeout(5):
        await exchange.lost.wait()
    assert exchange.others == [ORDER]
    exchange.cell.tell(ORDER)  # nobody hears it, and nothing breaks
