"""Asks trunks now and then whether they are there, by OPTIONS.

A trunk that has never answered any is not told of: many providers do not answer OPTIONS, and that is no fault.
"""

import asyncio
import uuid
from collections.abc import Sequence

from voicegw.gateway.edge.rendering import networks
from voicegw.log import get_logger
from voicegw.sip.options import Ping, answered

PORT = 5060
ANYWHERE, NOWHERE = "0.0.0.0", "voicegw.invalid"
"""Who does not know its own address says so (as in RFC 7118 §5); the answer comes back by rport."""
ASK_EVERY_S = 30.0
WAITS_S = (0.5, 1.0, 2.0, 2.0)
"""For an answer, before the same is sent again: UDP may lose some (RFC 3261 §17.1.2.2)."""
MISSES = 2
"""Rounds without an answer after which a trunk is down."""

log = get_logger()


class TrunkProbe(asyncio.DatagramProtocol):
    """Of one service. Belongs to its event loop.

    :param trunks: address and port of each.
    :param host: of ours, as the settings have it.
    """

    def __init__(
        self,
        trunks: Sequence[tuple[str, int]],
        host: str,
        ask_every_s: float = ASK_EVERY_S,
        waits_s: Sequence[float] = WAITS_S,
    ) -> None:
        self._trunks = tuple(trunks)
        self._host = host
        self._ask_every_s = ask_every_s
        self._waits_s = waits_s
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._missed: dict[str, int] = {}
        """Rounds without an answer since the last one, of those that have answered."""

    @property
    def up(self) -> dict[str, bool]:
        """Address to whether it answers."""
        return {trunk: missed < MISSES for trunk, missed in self._missed.items()}

    async def run(self) -> None:
        """For ever; at once if there are none."""
        if not self._trunks:
            return
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self._host, 0))
        try:
            while True:
                await asyncio.gather(*(self._ask(transport, *trunk) for trunk in self._trunks))
                await asyncio.sleep(self._ask_every_s)
        finally:
            transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """For asyncio."""
        waiting = self._waiting.get(answered(data))
        if waiting and not waiting.done():
            waiting.set_result(None)

    async def _ask(self, transport: asyncio.DatagramTransport, host: str, port: int) -> None:
        our_host, our_port = transport.get_extra_info("sockname")
        if our_host == ANYWHERE:
            our_host = NOWHERE
        ping = Ping(host, port, our_host, our_port, uuid.uuid4().hex)
        answer = self._waiting[ping.call_id] = asyncio.get_running_loop().create_future()
        for wait_s in self._waits_s:
            transport.sendto(ping.to_bytes(), (host, port))
            await asyncio.wait((answer,), timeout=wait_s)
            if answer.done():
                break
        del self._waiting[ping.call_id]
        self._note(host, is_there=answer.done())
        answer.cancel()

    def _note(self, trunk: str, *, is_there: bool) -> None:
        before = self.up.get(trunk)
        if is_there:
            self._missed[trunk] = 0
        elif trunk in self._missed:
            self._missed[trunk] += 1
        if self.up.get(trunk) != before:
            log.warning("trunk.changed", trunk=trunk, up=is_there)


def addresses(trunks: Sequence[str]) -> list[tuple[str, int]]:
    """Of those of ``edge.trunks`` that are one address, and no network.

    :raises SettingsError: one is neither.
    """
    return [(network, PORT) for network in networks(trunks) if "/" not in network]
