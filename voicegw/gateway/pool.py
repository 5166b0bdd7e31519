"""The warm pool: workers that wait for calls, so that a call never waits for a worker."""

import asyncio
import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from voicegw import log
from voicegw.errors import SetupError, WireError
from voicegw.wire import link as wire_link
from voicegw.wire.link import Link
from voicegw.wire.messages import (
    ForkWorker,
    Heartbeat,
    Message,
    NurseryReady,
    WorkerExited,
    WorkerForked,
    WorkerReady,
)

logger = log.get_logger()

REFILL_AFTER_S = 1.5
"""A call that has just been given its worker needs the cores more than the next worker does, unless none is left."""
IDLE_HANG_S = 6.0
"""A waiting worker beats once a second; one silent for so long is replaced before a caller meets it."""
START_HANG_S = 45.0
"""One that is still loading its engines does not beat; on a busy machine that takes long, and killing it would only
make the machine busier."""


@dataclass
class PooledWorker:
    """A worker process, as the supervisor sees it. ``link`` is ours until a cell gets it."""

    number: int
    link: Link | None
    pid: int = 0
    ready: bool = False
    call_id: str = ""
    asked_at: float = field(default_factory=time.monotonic)
    heard_at: float = field(default_factory=time.monotonic)


class WorkerPool:
    """Keeps ``warm`` workers ready, at most ``most`` alive; replaces those that die or hang.

    Belongs to the supervisor's event loop. The nursery's messages are handed in by ``on_nursery``.
    """

    def __init__(self, *, warm: int, most: int) -> None:
        self._nursery: Link | None = None
        self._warm = warm
        self._most = most
        self._workers: dict[int, PooledWorker] = {}
        self._ready: deque[PooledWorker] = deque()
        self._next_number = 1
        self._failures = 0
        self._changed = asyncio.Event()
        self._closing = False
        self.on_ready: Callable[[], None] = lambda: None
        """Called when a worker can take a call."""

    @property
    def ready_count(self) -> int:
        """Workers that could take a call now."""
        return len(self._ready)

    @property
    def busy_count(self) -> int:
        """Workers that have a call."""
        return sum(1 for worker in self._workers.values() if worker.call_id)

    @property
    def starting_count(self) -> int:
        """Workers that will be ready soon."""
        return len(self._workers) - self.ready_count - self.busy_count

    @property
    def most(self) -> int:
        """Workers there may be."""
        return self._most

    def pid_of(self, number: int) -> int:
        """0 if that worker is not known (any more)."""
        worker = self._workers.get(number)
        return worker.pid if worker else 0

    async def wait_until_warm(self, timeout_s: float) -> None:
        """Until all warm workers are ready.

        :raises SetupError: they did not become ready; the log says why.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while self.ready_count < min(self._warm, self._most) and self._nursery:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise SetupError(f"workers were not ready after {timeout_s:.0f} s: the lines above say why") from None
        if self._nursery is None:
            raise SetupError("no worker can be started: the lines above say why")

    def take(self, call_id: str) -> PooledWorker | None:
        """A ready worker for that call, or None. The pool refills behind it."""
        while self._ready:
            worker = self._ready.popleft()
            if worker.number not in self._workers or worker.link is None:
                continue
            worker.call_id = call_id
            loop = asyncio.get_running_loop()
            loop.remove_reader(worker.link)
            loop.call_later(REFILL_AFTER_S if self._ready else 0.0, self.refill)
            return worker
        return None

    def will_have(self, workers: int) -> bool:
        """So many calls that ring will each find a worker soon: as many are in the making, or could be. Those are
        made in a hurry from now on.
        """
        self._hurry()
        self.refill(hurry=True)
        return self.starting_count >= workers

    def _hurry(self) -> None:
        """On a busy machine, who stands back is not ready before a caller gives up."""
        own = os.getpriority(os.PRIO_PROCESS, 0)
        for worker in self._workers.values():
            if worker.pid and not worker.ready:
                with contextlib.suppress(OSError):  # we may not, or it has ended
                    os.setpriority(os.PRIO_PROCESS, worker.pid, own)

    def refill(self, *, hurry: bool = False) -> None:
        """Ask the nursery for as many workers as are missing.

        :param hurry: a caller waits for them.
        """
        waiting = len(self._workers) - self.busy_count
        while self._nursery and not self._closing and waiting < self._warm and len(self._workers) < self._most:
            self._fork(hurry=hurry)
            waiting += 1

    def release(self, number: int) -> None:
        """That worker's link has gone to a cell; forget our end, keep its number until it exits."""
        worker = self._workers.get(number)
        if worker and worker.link:
            worker.link.close()
            worker.link = None

    def take_back(self, number: int, link: Link) -> None:
        """A worker that was released has not heard of any call: it is as good as before, and first in the line."""
        worker = self._workers.get(number)
        if worker is None or self._closing:
            link.close()
            return
        worker.link, worker.call_id, worker.heard_at = link, "", time.monotonic()
        self._ready.appendleft(worker)
        asyncio.get_running_loop().add_reader(link, self._on_waiting_worker, worker)

    def tell_waiting(self, message: Message) -> None:
        """Send to every worker that has no call yet; it reads this before anything a cell will send."""
        for worker in self._workers.values():
            if worker.link:
                with contextlib.suppress(ConnectionError):  # one that died: WorkerExited follows
                    worker.link.send(message)

    def kill(self, number: int) -> None:
        """End a worker that hangs or must not live; it is reaped and replaced."""
        pid = self.pid_of(number)
        if pid:
            logger.warning("worker.killed", worker=number, pid=pid)
            os.kill(pid, signal.SIGKILL)

    def on_nursery(self, message: Message) -> None:
        """A message of the nursery."""
        match message:
            case NurseryReady():
                self.refill()
            case WorkerForked(worker=number, pid=pid):
                if number in self._workers:
                    self._workers[number].pid = pid
            case WorkerExited(worker=number, pid=pid, status=status):
                self._forget(number, status)
            case _:
                raise WireError(f"{type(message).__name__} does not belong on the nursery link")

    def adopt(self, nursery: Link) -> None:
        """Have workers forked by this nursery from now on, once it has said that it is ready."""
        self._nursery = nursery

    def nursery_lost(self) -> None:
        """Nobody is there to fork workers any more; those that wait are still good for a call."""
        self._nursery = None
        self._changed.set()

    def replace_the_silent(self, now: float) -> None:
        """Called now and then (monotonic seconds): waiting workers that stopped beating are killed; those whose end
        nobody has told, since their nursery had died before, are forgotten.
        """
        for worker in list(self._workers.values()):
            if worker.pid and not Path(f"/proc/{worker.pid}").exists():
                self._forget(worker.number, 0)
                continue
            patience_s = IDLE_HANG_S if worker.ready else START_HANG_S
            if worker.pid and not worker.call_id and now - worker.heard_at > patience_s:
                self.kill(worker.number)

    def close(self) -> None:
        """Let all waiting workers go; those with a call end with it."""
        self._closing = True
        for number in list(self._workers):
            worker = self._workers[number]
            if worker.link:
                asyncio.get_running_loop().remove_reader(worker.link)
                self.release(number)

    def _fork(self, *, hurry: bool) -> None:
        assert self._nursery
        ours, theirs = wire_link.pair()
        worker = PooledWorker(self._next_number, ours)
        self._next_number += 1
        self._workers[worker.number] = worker
        self._nursery.send(ForkWorker(worker.number, hurry), [theirs.sock])
        theirs.close()
        asyncio.get_running_loop().add_reader(ours, self._on_waiting_worker, worker)

    def _on_waiting_worker(self, worker: PooledWorker) -> None:
        assert worker.link
        try:
            message = worker.link.receive()
        except (ConnectionError, WireError):
            asyncio.get_running_loop().remove_reader(worker.link)
            return  # WorkerExited follows
        worker.heard_at = time.monotonic()
        if isinstance(message, WorkerReady) and not worker.ready:
            worker.ready = True
            self._failures = 0
            self._ready.append(worker)
            self._changed.set()
            self.on_ready()
            logger.info("worker.ready", worker=worker.number, pid=message.pid, took_ms=_ms_since(worker.asked_at))
        elif not isinstance(message, Heartbeat | None):
            logger.warning("worker.unexpected_message", worker=worker.number, kind=type(message).__name__)

    def _forget(self, number: int, status: int) -> None:
        worker = self._workers.pop(number, None)
        if worker is None:
            return
        if worker.link:
            asyncio.get_running_loop().remove_reader(worker.link)
            worker.link.close()
        if worker in self._ready:
            self._ready.remove(worker)
        if worker.call_id or status == 0:
            self.refill()
            return
        self._failures += 1
        wait_s = min(0.2 * 2**self._failures, 10.0)
        logger.error("worker.died_waiting", worker=number, status=status, next_try_s=wait_s)
        asyncio.get_running_loop().call_later(wait_s, self.refill)


def _ms_since(monotonic: float) -> float:
    return round((time.monotonic() - monotonic) * 1000, 1)
