"""Trunks are asked by OPTIONS over a real socket: who answers is up, who stops to answer is down, who never did is
not told of.
"""

import asyncio
from dataclasses import dataclass

import pytest

from voicegw.gateway.trunk_probe import TrunkProbe, addresses
from voicegw.sip.headers import first

pytestmark = pytest.mark.servers
HERE, SILENT = "127.0.0.1", "127.0.0.2"


@dataclass
class Trunk(asyncio.DatagramProtocol):
    """Says 404 to every second request, as if the first had been lost on the way; nothing, if it is down."""

    is_down: bool = False
    asked: int = 0

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked += 1
        if self.is_down or self.asked % 2:
            return
        text = data.decode()
        assert text.startswith("OPTIONS sip:127.0.0.1:")
        names = ("Via", "From", "To", "Call-ID", "CSeq")
        lines = ["SIP/2.0 404 Not Found", *(f"{name}: {first(text, name)}" for name in names), "Content-Length: 0"]
        self.transport.sendto("\r\n".join([*lines, "", ""]).encode(), addr)


async def test_a_trunk_is_up_while_it_answers_and_down_when_it_answers_no_more(eventually):
    loop = asyncio.get_running_loop()
    transport, trunk = await loop.create_datagram_endpoint(Trunk, local_addr=(HERE, 0))
    port = transport.get_extra_info("sockname")[1]
    probe = TrunkProbe([(HERE, port), (SILENT, port)], HERE, ask_every_s=0.05, waits_s=(0.2, 0.5))
    asking = asyncio.create_task(probe.run())
    try:
        await eventually(lambda: probe.up == {HERE: True})
        trunk.is_down = True
        await eventually(lambda: probe.up == {HERE: False})
        trunk.is_down = False
        await eventually(lambda: probe.up == {HERE: True})
    finally:
        asking.cancel()
        transport.close()


def test_only_single_addresses_can_be_asked():
    assert addresses(["203.0.113.10", "198.51.100.0/24", "192.0.2.1/32"]) == [
        ("203.0.113.10", 5060),
        ("192.0.2.1", 5060),
    ]
