"""Listening in: a supervisor's browser hears both sides of a call in progress, on whichever machine it is.

The call's worker sends its sound for as long as it is ordered to; the order is given again and again while the
browser is there, so that whoever goes, and however, nothing is sent for long to nobody.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing

import numpy as np

from voicegw.audio.g711 import mu_law_decode
from voicegw.errors import ServerAway, SetupError
from voicegw.log import get_logger
from voicegw.session.live import LiveLink
from voicegw.session.orders import new_order
from voicegw.session.overheard import SoundLink
from voicegw.webrtc.peer import Peer
from voicegw.wire.messages import FRAME_BYTES

MOST_LISTENERS = 16
CONNECT_TIMEOUT_S = 10.0
ORDER_EVERY_S = 4.0
"""Less than half of what a worker takes an order to hold for (``worker.overheard``)."""
NOBODY_HAS_IT = "the call is over, or no worker has it just now"

log = get_logger()


class NotHeard(SetupError):
    """The call cannot be listened to just now."""


class Listening:
    """All who listen. Belongs to the web process's event loop.

    :param link: by which orders are given; asked for when somebody listens.
    :param url: Redis's.
    """

    def __init__(self, link: Callable[[], LiveLink], url: str, ice_servers: Sequence[str]) -> None:
        self._link = link
        self._url = url
        self._ice_servers = ice_servers
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, call_id: str, by: str, offer: str) -> str:
        """Let a browser hear a call: the SDP answer to its offer.

        :param by: who listens.
        :raises NotHeard: too many listen, or nobody has the call.
        :raises WireError: ``offer`` is not an SDP offer of audio.
        :raises ServerAway: Redis does not answer.
        """
        if len(self._tasks) >= MOST_LISTENERS:
            raise NotHeard(f"{MOST_LISTENERS} listen already: try again when one has stopped")
        if not await self._order(call_id, by):
            raise NotHeard(NOBODY_HAS_IT)
        peer = Peer(self._ice_servers)
        answer = await peer.answer(offer)
        task = asyncio.create_task(self._listen(call_id, by, peer), name="listening")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return answer

    async def close(self) -> None:
        """Nobody listens any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _order(self, call_id: str, by: str) -> bool:
        return await self._link().order(new_order(call_id, "listen", by, time.time())) is not None

    async def _listen(self, call_id: str, by: str, peer: Peer) -> None:
        began = time.monotonic()
        sound = SoundLink(self._url)
        try:
            if await peer.connected(CONNECT_TIMEOUT_S):
                async with asyncio.TaskGroup() as group:
                    hearing = group.create_task(_hear(sound, call_id, peer))
                    group.create_task(self._go_on_ordering(call_id, by, peer, hearing))
        except* ServerAway as away:
            log.warning("listening.server_away", reason=str(away.exceptions[0]))
        finally:
            await peer.close()
            await sound.close()
            log.info("listening.ended", call_id=call_id, by=by, lasted_s=round(time.monotonic() - began, 1))

    async def _go_on_ordering(self, call_id: str, by: str, peer: Peer, hearing: "asyncio.Task[None]") -> None:
        """Until the browser or the call is gone."""
        while await self._order(call_id, by):
            try:
                await asyncio.wait_for(peer.gone.wait(), ORDER_EVERY_S)
                break
            except TimeoutError:
                continue
        hearing.cancel()


async def _hear(sound: SoundLink, call_id: str, peer: Peer) -> None:
    async with aclosing(sound.hear(call_id)) as pieces:
        async for piece in pieces:
            pcm = mu_law_decode(np.frombuffer(piece, np.uint8)).astype("<i2").tobytes()
            for start in range(0, len(pcm), FRAME_BYTES):
                peer.speak(pcm[start : start + FRAME_BYTES])
