"""The supervisor: gives calls to workers, watches both, and says what happened.

Cells ask for workers; the pool has them warm; the facts of each call go to the event stream. The supervisor never
touches audio and is on no call's path once the call has its worker.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

from voicegw import log
from voicegw.errors import CallRefused, NoFreeWorker, UnknownNumber, WireError
from voicegw.gateway.admission import Admission, Load, Talking, WayIn
from voicegw.gateway.pool import WorkerPool
from voicegw.outcomes.record import CallClosed, CallOpened, CallPickedUp, Fact, WorkerReplaced
from voicegw.wire.link import Link
from voicegw.wire.messages import (
    CallOrdered,
    CallProgressed,
    CallTurnedAway,
    CellPulse,
    CellReady,
    DialplanLoaded,
    Drain,
    Ease,
    Message,
    TryDialplan,
    WorkerAssigned,
    WorkerLost,
    WorkerReturned,
    WorkerWanted,
    WrapUp,
)

logger = log.get_logger()


class Dialplans(Protocol):
    """What the supervisor asks of dialplans, each by name and version."""

    def find(self, number: str, caller: str, call_id: str) -> tuple[str, int] | None:
        """The one that answers; None: there is none."""

    def has(self, name: str, version: int) -> bool:
        """Workers know it."""

    async def try_out(self, order: TryDialplan) -> str:
        """Let workers know a draft; returns what is wrong with it, or nothing."""


class CellProcess(Protocol):
    """What the supervisor needs of a cell: the program of ``gateway.cell``, or what speaks as it does."""

    link: Link

    async def stop(self) -> int:
        """End it; returns its exit status."""


@dataclass
class CellState:
    """A cell, as the supervisor sees it."""

    number: int
    child: CellProcess
    sip_port: int = 0
    most_calls: int = 0
    heard_at: float = 0.0
    """Monotonic seconds of its last sign of life."""
    calls: int = 0
    """As of its last pulse."""
    lines: dict[str, list[float]] = field(default_factory=dict)
    """By call: RTP packets received and lost, mean jitter in ms, frames played late; as of its last pulse."""
    late_ms: float = 0.0
    """As of its last pulse."""
    trunks: dict[str, bool] = field(default_factory=dict)
    """Registrars, to whether they have us; as of its last pulse."""


@dataclass
class LiveCall:
    """A call in progress."""

    call_id: str
    cell: CellState
    dialplan: tuple[str, int] = ("", 0)
    """Name and version; a call keeps what it began with."""
    worker: int = 0
    by_keys: bool = False
    """It began when the machine was too busy to listen."""
    wanted: WorkerWanted | None = None
    """It rings until a worker that is in the making is ready."""


class Supervisor:
    """Belongs to the service's event loop.

    :param dialplans: which there are, and which answers a number.
    :param emit: takes facts for the event stream; never blocks.
    :param admission: who may come in.
    """

    def __init__(
        self, pool: WorkerPool, dialplans: Dialplans, emit: Callable[[Fact], None], admission: Admission
    ) -> None:
        self._admission = admission
        self._pool = pool
        self._dialplans = dialplans
        self._emit = emit
        self._trying: set[asyncio.Task[None]] = set()
        self._cells: list[CellState] = []
        self._calls: dict[str, LiveCall] = {}
        self._lost_cells: asyncio.Queue[CellState] = asyncio.Queue()
        self._draining = False
        pool.on_ready = self._serve_who_waits

    @property
    def live_call_ids(self) -> list[str]:
        """Calls in progress."""
        return list(self._calls)

    @property
    def live_dialplans(self) -> set[tuple[str, int]]:
        """Name and version of those that have calls in progress."""
        return {call.dialplan for call in self._calls.values()}

    @property
    def cells(self) -> tuple[CellState, ...]:
        """Those that listen."""
        return tuple(self._cells)

    @property
    def trunks(self) -> dict[str, bool]:
        """Registrars, to whether they have us."""
        return {name: is_up for cell in self._cells for name, is_up in cell.trunks.items()}

    @property
    def draining(self) -> bool:
        """No new calls are taken."""
        return self._draining

    def order(self, call_id: str, deed: str) -> bool:
        """Have something done with a call in progress, see ``CallOrdered``; False: it is none of ours."""
        call = self._calls.get(call_id)
        if call is None:
            return False
        logger.info("call.ordered", call_id=call_id, deed=deed)
        self._send(call.cell.child.link, CallOrdered(call_id, deed))
        return True

    @property
    def _talking(self) -> Talking:
        """Calls that have been given a worker, or will be."""
        calls = [call for call in self._calls.values() if call.worker or call.wanted]
        by_keys = sum(call.by_keys for call in calls)
        return Talking(len(calls) - by_keys, by_keys)

    @property
    def load(self) -> Load:
        """How full the machine is."""
        return self._admission.load

    def look_at_load(self, now: float) -> None:
        """Once a second (monotonic seconds): take the next step of the overload ladder, or go back one."""
        late_ms = [cell.late_ms for cell in self._cells if cell.calls]
        easing = self._admission.look(self._talking, median(late_ms) if late_ms else 0.0, now)
        if easing is None:
            return
        load = self._admission.load
        logger.warning("load.eased", leaving_out=easing.name.lower(), calls=load.calls, capacity=load.capacity,
                       late_ms=load.late_ms)  # fmt: skip
        for cell in self._cells:
            self._send(cell.child.link, Ease(easing))

    async def add_cell(self, number: int, child: CellProcess, timeout_s: float = 10.0) -> CellState:
        """Take in a cell that is starting; returns when it listens.

        :raises ConnectionError: it ended instead (its log line says why).
        :raises TimeoutError: it did not begin to listen in time.
        """
        cell = CellState(number, child)
        loop = asyncio.get_running_loop()
        listening: asyncio.Future[None] = loop.create_future()
        loop.add_reader(child.link, self._read_cell, cell, listening)
        async with asyncio.timeout(timeout_s):
            await listening
        self._cells.append(cell)
        if self._draining:
            self._send(child.link, Drain())
        return cell

    async def next_lost_cell(self) -> CellState:
        """Waits until a cell has died; its calls are closed as failed by then."""
        return await self._lost_cells.get()

    def drain(self) -> None:
        """No new calls; those in progress go on."""
        self._draining = True
        for cell in self._cells:
            self._send(cell.child.link, Drain())

    def wrap_up(self) -> None:
        """The calls in progress are to be given to a person, or told and ended; say it again while they are there."""
        for cell in self._cells:
            self._send(cell.child.link, WrapUp())

    def close_calls(self, reason: str) -> None:
        """The service stops: calls that are still open are closed as ended by us."""
        for call in list(self._calls.values()):
            self._close(call, by="agent", sip_status=200, reason=reason)

    # --- messages of a cell ---------------------------------------------------------------------------------

    def _read_cell(self, cell: CellState, listening: "asyncio.Future[None]") -> None:
        try:
            while (received := cell.child.link.receive_with_sockets()) is not None:
                message, sockets = received
                if isinstance(message, WorkerReturned) and sockets:
                    self._pool.take_back(message.worker, Link(sockets[0]))
                else:
                    self._on_cell(cell, message, listening)
        except (ConnectionError, WireError) as error:
            asyncio.get_running_loop().remove_reader(cell.child.link)
            if not listening.done():
                listening.set_exception(ConnectionResetError(f"cell {cell.number} ended before it listened"))
            else:
                self._lose_cell(cell, error)

    def _on_cell(self, cell: CellState, message: Message, listening: "asyncio.Future[None]") -> None:
        cell.heard_at = time.monotonic()
        match message:
            case CellReady(sip_port=port, most_calls=most):
                cell.sip_port, cell.most_calls = port, most
                listening.set_result(None)
            case CellPulse(calls=calls, lines=lines, late_ms=late_ms, trunks=trunks):
                cell.calls, cell.lines, cell.late_ms, cell.trunks = calls, lines, late_ms, trunks
            case WorkerWanted():
                self._on_wanted(cell, message)
            case WorkerLost():
                self._on_lost_worker(message)
            case CallProgressed():
                self._on_progress(message)
            case TryDialplan():
                self._try(cell.child.link, message)
            case _:
                logger.warning("cell.unexpected_message", cell=cell.number, kind=type(message).__name__)

    def _on_wanted(self, cell: CellState, wanted: WorkerWanted) -> None:
        call = self._calls.setdefault(wanted.call_id, LiveCall(wanted.call_id, cell))
        try:
            if not wanted.resumed:
                self._admit(call, wanted)
            if not self._assign(call, wanted):
                self._let_wait(call, wanted)
        except CallRefused as refusal:
            logger.info("call.refused", call_id=wanted.call_id, sip_status=refusal.sip_status, reason=str(refusal))
            call.dialplan = ("", 0)
            self._open(call, wanted)
            away = CallTurnedAway(wanted.call_id, refusal.sip_status, str(refusal), refusal.retry_after_s)
            self._send(cell.child.link, away)
        else:
            self._open(call, wanted)

    def _admit(self, call: LiveCall, wanted: WorkerWanted) -> None:
        """:raises CallRefused: it may not come in."""
        found = self._find(wanted)
        if found is None:
            raise UnknownNumber("no dialplan answers this number")
        if self._draining:
            raise NoFreeWorker("going down for maintenance")
        call.dialplan = found
        way_in = self._admission.way_in(self._talking)
        if way_in is WayIn.NONE:
            raise NoFreeWorker("as many callers as can be talked with", self._admission.retry_after_s)
        call.by_keys = way_in is WayIn.KEYS

    def _let_wait(self, call: LiveCall, wanted: WorkerWanted) -> None:
        """The caller hears it ring until a worker is made; the cell knows how long that may take.

        :raises NoFreeWorker: there will be none.
        """
        if not self._pool.will_have(len(self._waiting) + 1):
            raise NoFreeWorker("all workers are taken")
        call.wanted = wanted
        logger.info("call.waits", call_id=call.call_id, waiting=len(self._waiting))

    def _serve_who_waits(self) -> None:
        """A worker is ready: who has waited longest gets it."""
        for call in self._waiting:
            if call.wanted is None or not self._assign(call, call.wanted):
                return

    @property
    def _waiting(self) -> list[LiveCall]:
        """Calls without a worker yet, the oldest first."""
        return [call for call in self._calls.values() if call.wanted]

    def _assign(self, call: LiveCall, wanted: WorkerWanted) -> bool:
        """Give it a worker; False: none is ready."""
        worker = self._pool.take(wanted.call_id)
        if worker is None or worker.link is None:
            return False
        call.wanted = None
        easing = self._admission.load.easing
        name, version = call.dialplan
        call.worker = worker.number
        assigned = WorkerAssigned(wanted.call_id, worker.number, name, version, easing, call.by_keys)
        call.cell.child.link.send(assigned, [worker.link.sock])
        self._pool.release(worker.number)
        logger.info("call.assigned", call_id=wanted.call_id, worker=worker.number, dialplan=name, version=version)
        return True

    def _find(self, wanted: WorkerWanted) -> tuple[str, int] | None:
        if not wanted.dialplan:
            return self._dialplans.find(wanted.callee, wanted.caller, wanted.call_id)
        return (wanted.dialplan, wanted.version) if self._dialplans.has(wanted.dialplan, wanted.version) else None

    def _try(self, link: Link, order: TryDialplan) -> None:
        async def answer() -> None:
            problem = await self._dialplans.try_out(order)
            self._send(link, DialplanLoaded(order.dialplan, order.version, problem))

        task = asyncio.create_task(answer())
        self._trying.add(task)
        task.add_done_callback(self._trying.discard)

    def _open(self, call: LiveCall, wanted: WorkerWanted) -> None:
        if wanted.resumed:
            return
        numbers, cell = (wanted.caller, wanted.callee), call.cell.number
        self._emit(CallOpened(call.call_id, time.time(), *numbers, *call.dialplan, cell, wanted.channel))

    def _on_lost_worker(self, lost: WorkerLost) -> None:
        logger.error("call.worker_lost", call_id=lost.call_id, worker=lost.worker, hung=lost.hung)
        self._pool.kill(lost.worker)
        self._emit(WorkerReplaced(lost.call_id, time.time(), lost.hung))

    def _on_progress(self, progress: CallProgressed) -> None:
        facts = progress.facts
        at = progress.at_unix_ms / 1000
        if progress.state == "answered":
            setup_ms = float(str(facts.get("setup_ms", 0)))
            self._emit(CallPickedUp(progress.call_id, at, setup_ms, str(facts.get("codec", ""))))
        elif progress.state == "ended":
            media = {key: float(value) for key, value in facts.items() if isinstance(value, int | float)}
            status = int(media.pop("sip_status", 0))
            self._calls.pop(progress.call_id, None)
            self._emit(
                CallClosed(progress.call_id, at, str(facts.get("by", "")), status, str(facts.get("reason", "")), media)
            )

    # --- what goes wrong ------------------------------------------------------------------------------------

    def _lose_cell(self, cell: CellState, error: Exception) -> None:
        logger.error("cell.lost", cell=cell.number, error=str(error))
        if cell in self._cells:
            self._cells.remove(cell)
        for call in [call for call in self._calls.values() if call.cell is cell]:
            self._close(call, by="network", sip_status=500, reason="the cell died")
        self._lost_cells.put_nowait(cell)

    def _close(self, call: LiveCall, *, by: str, sip_status: int, reason: str) -> None:
        self._calls.pop(call.call_id, None)
        self._emit(CallClosed(call.call_id, time.time(), by, sip_status, reason))

    @staticmethod
    def _send(link: Link, message: Message) -> None:
        try:
            link.send(message)
        except ConnectionError:
            logger.debug("cell.gone", kind=type(message).__name__)
