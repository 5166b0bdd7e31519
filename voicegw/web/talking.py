"""Calls from browsers: the cell in the web process, through which a draft is talked to as over a phone."""

import asyncio
import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from voicegw import log
from voicegw.errors import CallRefused, SetupError
from voicegw.gateway.soft_call import Ended, Heard, SoftCall
from voicegw.gateway.soft_cell import SoftCell
from voicegw.publishing import bundles
from voicegw.publishing.record import Draft
from voicegw.webrtc.peer import Peer
from voicegw.wire import messages as wire
from voicegw.wire.link import Link

MOST_CALLS = 8
"""From browsers, at once."""
CALL_TIMEOUT_S = 15 * 60.0
CONNECT_TIMEOUT_S = 10.0
TRY_TIMEOUT_S = 20.0
"""A draft whose sentences are all new takes the longest."""

logger = log.get_logger()


class NoTalking(SetupError):
    """A call from a browser is not possible just now."""


@dataclass(frozen=True)
class BrowserCall:
    """A call that is up, or being set up."""

    call: SoftCall
    peer: Peer
    caller: str
    task: "asyncio.Task[Ended]"


class _PeerLine:
    """A browser as a line."""

    codec = "WebRTC"

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def exchange(self, played: bytes | None, at_ms: int) -> Heard:
        """A tick."""
        self._peer.speak(played)
        pcm = self._peer.hear() or bytes(wire.FRAME_BYTES)
        return Heard(pcm, hung_up=self._peer.gone.is_set(), early_s=self._peer.early_s())


class Talking:
    """Belongs to the web process's event loop.

    :param link: a cell link to the supervisor.
    :param folder: where drafts are put for workers.
    """

    def __init__(self, link: Link, folder: Path, ice_servers: tuple[str, ...]) -> None:
        self._cell = SoftCell(link, self._told)
        self._folder = folder
        self._ice_servers = ice_servers
        self._calls: dict[str, BrowserCall] = {}
        self._tried: dict[tuple[str, int], asyncio.Future[str]] = {}
        self._cell.tell(wire.CellReady(os.getpid(), 0, MOST_CALLS))

    async def close(self) -> None:
        """End all calls."""
        for call in list(self._calls.values()):
            call.call.end("agent", "the console stopped")
        await asyncio.gather(*(call.task for call in self._calls.values()), return_exceptions=True)
        self._cell.close()

    async def prepare(self, draft: Draft) -> None:
        """Let workers know the draft, so that a call to it can begin at once.

        :raises NoTalking: it has errors, or the service does not answer.
        """
        key = draft.name, draft.version
        file = await asyncio.to_thread(bundles.unpack_draft, draft, self._folder)
        answer = self._tried.get(key)
        if answer is None:
            answer = self._tried[key] = asyncio.get_running_loop().create_future()
            self._cell.tell(wire.TryDialplan(draft.name, draft.version, str(file.absolute())))
        try:
            problem = await asyncio.wait_for(asyncio.shield(answer), TRY_TIMEOUT_S)
        except TimeoutError:
            problem = "the service does not answer"
        finally:
            self._tried.pop(key, None)
        if problem:
            raise NoTalking(problem)

    async def call(
        self, draft: Draft, number: str, caller: str, offer: str, *, for_real: bool = False
    ) -> tuple[str, str]:
        """Begin a call to a draft that was prepared: its id, and the SDP answer.

        :param caller: who calls, as the agent's snapshot and the record will have it.
        :param for_real: what is confirmed is done, as on a call by phone; else it is only said to be.
        :raises NoTalking: too many calls, or no worker is free.
        :raises WireError: ``offer`` is not an SDP offer of audio.
        """
        if len(self._calls) >= MOST_CALLS:
            raise NoTalking(f"{MOST_CALLS} browsers are talking already: try again when one has hung up")
        peer = Peer(self._ice_servers)
        answer = await peer.answer(offer)
        call_id = uuid.uuid4().hex
        wanted = wire.WorkerWanted(
            call_id,
            caller,
            number,
            channel="browser",
            dialplan=draft.name,
            version=draft.version,
            rehearses=not for_real,
        )
        call = SoftCall(self._cell, wanted, _PeerLine(peer))
        task = asyncio.create_task(self._run(call_id, call, peer))
        self._calls[call_id] = BrowserCall(call, peer, caller, task)
        return call_id, answer

    def find(self, call_id: str, caller: str) -> SoftCall | None:
        """That caller's call, while it is up."""
        found = self._calls.get(call_id)
        return found.call if found and found.caller == caller else None

    async def _run(self, call_id: str, call: SoftCall, peer: Peer) -> Ended:
        try:
            began = time.monotonic()
            if not await peer.connected(CONNECT_TIMEOUT_S):
                logger.warning("browser_call.not_connected", call_id=call_id)
                return Ended("network", "the browser was not reached")
            logger.info("browser_call.connected", call_id=call_id, took_ms=round((time.monotonic() - began) * 1000))
            return await call.run(CALL_TIMEOUT_S)
        except CallRefused as refusal:
            return Ended("agent", str(refusal), refusal.sip_status)
        finally:
            self._calls.pop(call_id, None)
            await peer.close()

    def _told(self, message: wire.Message) -> None:
        match message:
            case wire.DialplanLoaded(dialplan=name, version=version, problem=problem):
                waiting = self._tried.get((name, version))
                if waiting and not waiting.done():
                    waiting.set_result(problem)
            case wire.CallOrdered(call_id=call_id, deed="hang_up") if call_id in self._calls:
                self._calls[call_id].call.end("agent", "hung up from the console")
            case wire.CallOrdered(call_id=call_id) if call_id in self._calls:
                self._calls[call_id].call.pass_on(message)
            case wire.WrapUp() | wire.Ease():
                for each in self._calls.values():
                    each.call.pass_on(message)
