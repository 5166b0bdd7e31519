"""How a machine is right now: what it holds, what it could still take, and whether it wants more."""

from dataclasses import dataclass, field

from voicegw.call.easing import Easing


@dataclass(frozen=True)
class CellUp:
    """A cell that listens."""

    number: int
    calls: int
    places: int


@dataclass(frozen=True)
class MachineState:
    """One machine's service at one moment."""

    machine: str
    """Its name."""
    cells: tuple[CellUp, ...] = ()
    cells_wanted: int = 0
    workers_ready: int = 0
    """Could take a call now."""
    workers_busy: int = 0
    workers_starting: int = 0
    workers_most: int = 0
    ringing: int = 0
    """Calls that have no answer yet."""
    talking: int = 0
    draining: bool = False
    """No new calls: it goes down."""
    redis_up: bool = True
    database_up: bool = True
    spool_bytes: int = 0
    """Facts on disk that Redis has not taken yet."""
    lag_entries: int = 0
    """Facts in the stream that are no rows yet."""
    lag_s: float = 0.0
    recorded: int = 0
    """Facts made into rows since the start."""
    poisoned: int = 0
    """Facts that could be no row, since the start."""
    easing: int = 0
    """Step of the overload ladder, a ``call.easing.Easing``; 0: nothing is left out."""
    capacity: int = 0
    """Conversations that it keeps its promise with; 0: nobody has measured it."""
    late_ms: float = 0.0
    """How late sound reaches the workers."""
    turned_away: int = 0
    """Calls that were answered 503 since the machine was full, since the start."""
    trunks: dict[str, bool] = field(default_factory=dict)
    """Name to whether it answers."""

    @property
    def free_slots(self) -> int:
        """Calls that could be taken besides those in progress: a place in a cell and a worker for each, and the
        promise kept to all."""
        if self.draining or self.easing == Easing.CALLS:
            return 0
        places = sum(max(0, cell.places - cell.calls) for cell in self.cells)
        promised = self.capacity - self.workers_busy if self.capacity else places
        return max(0, min(places, self.workers_most - self.workers_busy, promised))

    @property
    def not_ready_for(self) -> tuple[str, ...]:
        """Why no call should be sent here; empty: it should."""
        reasons = {
            "going down": self.draining,
            "no cell is up": not self.cells,
            "no worker is ready": self.workers_ready == 0,
            "all calls are taken": self.free_slots == 0,
        }
        return tuple(reason for reason, holds in reasons.items() if holds)
