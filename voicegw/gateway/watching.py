"""Watches one service: counts what happens in its calls, knows how it is, and passes on what the console orders.

It reads the same streams as everybody who looks on; what workers tell is there, whichever machine they are on.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from voicegw import log
from voicegw.errors import ServerAway, WireError
from voicegw.gateway.pool import WorkerPool
from voicegw.gateway.recorder import Tally
from voicegw.gateway.supervisor import Supervisor
from voicegw.observe.machine import CellUp, MachineState
from voicegw.observe.metrics import MachineGauges, Metrics
from voicegw.observe.own_calls import OwnCalls
from voicegw.observe.rules import Alert
from voicegw.outcomes.history import History
from voicegw.outcomes.record import CallOpened, Fact, decode
from voicegw.outcomes.store import OutcomeStore
from voicegw.session import orders
from voicegw.session.live import ORDERS, LiveLink
from voicegw.session.moments import LinesMeasured
from voicegw.session.spool import Entry
from voicegw.session.store import EVENTS, StreamEntry

logger = log.get_logger()

LOOK_EVERY_S = 2.0
RETRY_S = 1.0
OLDEST_ORDER_S = 5.0
"""An order that has waited longer than its giver is not carried out any more."""


@dataclass(frozen=True)
class Sight:
    """What is watched."""

    supervisor: Supervisor
    pool: WorkerPool
    cells_wanted: int
    probed: Callable[[], dict[str, bool]] = dict
    """Trunks that are asked, to whether they answer."""


@dataclass
class Watch:
    """Of one service. Belongs to its event loop.

    :param emit: takes facts for the event stream; never blocks.
    """

    name: str
    """Of this machine's service."""
    link: LiveLink
    outcomes: OutcomeStore
    emit: Callable[[Fact], None]
    tally: Tally
    spool: Path
    metrics: Metrics = field(default_factory=Metrics)
    ended: Callable[[History], None] = lambda history: None
    """Takes calls that are over."""
    firing: Callable[[], list[Alert]] = list
    """Alerts that hold."""

    def __post_init__(self) -> None:
        self._own = OwnCalls(self.metrics, self.ended)
        self._gauges = MachineGauges()
        self._gauges.state = MachineState(self.name)
        self.metrics.watch(self._gauges)
        self._redis_up = self._database_up = True

    def tell(self, fact: Fact) -> None:
        """What the supervisor has to tell: counted here, and sent on."""
        if isinstance(fact, CallOpened):
            self._own.opened(fact)
        else:
            self._own.take(fact)
        self.emit(fact)

    async def look_on(self, sight: Sight) -> None:
        """For ever: what workers tell of our calls is counted, what the console orders is passed on."""
        positions = None
        while True:
            try:
                positions = positions or await self.link.positions(EVENTS, ORDERS)
                for stream, entry in await self.link.read(positions):
                    if stream == EVENTS:
                        self._take(entry.fields)
                    else:
                        await self._obey(entry, sight.supervisor)
                self._redis_up = True
            except ServerAway as error:
                logger.debug("watch.redis_away", reason=str(error))
                self._redis_up = False
                await asyncio.sleep(RETRY_S)

    async def look_round(self, sight: Sight) -> None:
        """For ever: how the machine is, told to all who share its Redis."""
        while True:
            self._own.settle(time.time())
            try:
                await self.outcomes.last_call()
                self._database_up = True
            except ServerAway:
                self._database_up = False
            try:
                self._show_lines(sight)
                await self.link.tell_state(self.name, asdict(self.look(sight)))
            except ServerAway:
                self._redis_up = False
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self, sight: Sight) -> MachineState:
        """How the machine is at this moment; the gauges tell the same."""
        supervisor, pool, load = sight.supervisor, sight.pool, sight.supervisor.load
        answered = sum(history.picked_up is not None for history in self._own.histories)
        self._gauges.alerts = self.firing()
        self._gauges.state = state = MachineState(
            self.name,
            tuple(CellUp(cell.number, cell.calls, cell.most_calls) for cell in supervisor.cells if cell.number >= 0),
            sight.cells_wanted,
            pool.ready_count,
            pool.busy_count,
            pool.starting_count,
            pool.most,
            ringing=len(supervisor.live_call_ids) - answered,
            talking=answered,
            draining=supervisor.draining,
            redis_up=self._redis_up,
            database_up=self._database_up,
            spool_bytes=_size(self.spool),
            lag_entries=self.tally.lag.entries,
            lag_s=self.tally.lag.seconds,
            recorded=self.tally.recorded,
            poisoned=self.tally.poisoned,
            easing=int(load.easing),
            capacity=load.capacity,
            late_ms=load.late_ms,
            turned_away=load.turned_away,
            trunks={**sight.probed(), **supervisor.trunks},
        )
        return state

    def _show_lines(self, sight: Sight) -> None:
        lines = {call_id: line for cell in sight.supervisor.cells for call_id, line in cell.lines.items()}
        if lines:
            self.link.show_soon(LinesMeasured(self.name, time.time(), lines))

    def _take(self, fields: Entry) -> None:
        if not self._own.knows(fields.get("call_id", "")):
            return
        try:
            self._own.take(decode(fields))
        except WireError as error:
            logger.warning("watch.not_a_fact", reason=str(error))

    async def _obey(self, entry: StreamEntry, supervisor: Supervisor) -> None:
        try:
            order = orders.decode(entry.fields)
        except WireError as error:
            logger.warning("watch.not_an_order", reason=str(error))
            return
        if time.time() - order.at < OLDEST_ORDER_S and supervisor.order(order.call_id, order.deed):
            logger.info("watch.order_passed_on", call_id=order.call_id, deed=order.deed, by=order.by)
            await self.link.answer(order, "")


def _size(folder: Path) -> int:
    """Bytes of what waits in the spool."""
    return sum(file.stat().st_size for file in folder.glob("*.jsonl"))
