"""The process that workers are forked from, so that what they share is in memory once.

Starting a Python process with speech engines takes seconds; forking one that has them takes milliseconds. The
nursery imports everything, loads what survives a fork (single-threaded ONNX sessions: the voice and the sentence
vectors), and forks a worker whenever the supervisor asks. It stays single-threaded for ever: no event loop, no
engine that starts threads (CTranslate2 does, so it hears in a process of its own, the listener).
"""

import os
import select
import signal
import socket
import sys
from collections.abc import Callable

from voicegw import log
from voicegw.loaded import keep_loaded
from voicegw.wire.link import Link
from voicegw.wire.messages import ForkWorker, Message, NurseryReady, Stop, WorkerExited, WorkerForked

logger = log.get_logger()
REAP_EVERY_S = 0.05
Learn = Callable[[Message], Message | None]
"""Takes in what workers made from now on shall share; its answer goes to the supervisor."""


class Nursery:
    """Serves one supervisor until it says ``Stop`` or is gone.

    :param link: to the supervisor.
    :param run_worker: what a forked child does with its own end of the call link, and whether a caller waits for it
        already; its return is the exit status.
    :param learn: gets the messages that are about neither forking nor stopping.
    """

    def __init__(self, link: Link, run_worker: Callable[[Link, bool], int], learn: Learn | None = None) -> None:
        self._link = link
        self._run_worker = run_worker
        self._learn = learn
        self._workers: dict[int, int] = {}
        """pid to worker number."""

    def run(self) -> None:
        """Until the supervisor stops us or is gone; workers with a call are left alone, they end with it."""
        keep_loaded()
        self._link.send(NurseryReady(os.getpid()))
        try:
            while self._serve_one():
                pass
        except ConnectionError:
            logger.info("nursery.supervisor_gone")

    def _serve_one(self) -> bool:
        readable, _, _ = select.select([self._link], [], [], REAP_EVERY_S)
        self._reap()
        if not readable:
            return True
        received = self._link.receive_with_sockets()
        if received is None:
            return True
        message, sockets = received
        if isinstance(message, ForkWorker) and sockets:
            self._fork(message, sockets[0])
        elif self._learn and (answer := self._learn(message)):
            keep_loaded()
            self._link.send(answer)
        return not isinstance(message, Stop)

    def _fork(self, wanted: ForkWorker, sock: socket.socket) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_worker(sock, hurry=wanted.hurry)
        sock.close()
        self._workers[pid] = wanted.worker
        self._link.send(WorkerForked(wanted.worker, pid))

    def _become_worker(self, sock: socket.socket, *, hurry: bool) -> None:
        """In the child: never returns into the nursery's stack."""
        status = 70  # EX_SOFTWARE
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._link.close()
            status = self._run_worker(Link(sock), hurry)
        except BaseException:  # the edge of the process
            logger.exception("worker.crashed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            worker = self._workers.pop(pid, None)
            if worker is not None:
                self._link.send(WorkerExited(worker, pid, os.waitstatus_to_exitcode(status)))
