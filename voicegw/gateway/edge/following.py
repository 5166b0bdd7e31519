"""An edge in front of machines that come and go: it follows the addresses of a name."""

import asyncio
import itertools
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from voicegw.errors import ServerAway, SettingsError
from voicegw.gateway.edge.kamailio import Edge
from voicegw.gateway.edge.rendering import CellPlace
from voicegw.log import get_logger

LOOK_EVERY_S = 5.0

log = get_logger()


@dataclass(frozen=True)
class Gateways:
    """Machines behind one name, alike in port and size."""

    name: str
    port: int
    calls: int
    """That each holds."""

    @classmethod
    def parse(cls, text: str) -> "Gateways":
        """``NAME:PORT:CALLS``.

        :raises SettingsError: it is not.
        """
        try:
            name, port, calls = text.split(":")
            return cls(name, int(port), int(calls))
        except ValueError:
            raise SettingsError(f"gateways {text}: write NAME:PORT:CALLS, as gateways:5060:16") from None

    async def hosts(self) -> set[str]:
        """IPv4 addresses of the name now; none, if nobody knows it."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(self.name, self.port, family=socket.AF_INET, type=socket.SOCK_DGRAM)
        except socket.gaierror as error:
            log.warning("edge.name_not_found", name=self.name, reason=str(error))
            return set()
        return {str(address[4][0]) for address in found}


class Following:
    """Keeps an edge's list as long as the name's. Belongs to one event loop."""

    def __init__(self, edge: Edge, gateways: Gateways) -> None:
        self._edge = edge
        self._gateways = gateways
        self._starts = itertools.count(1 + max((cell.start for cell in edge.cells), default=0))

    async def run(self) -> None:
        """For ever. While the name has no address, those that are known stay: a resolver may be away, too."""
        while True:
            hosts = await self._gateways.hosts()
            if hosts:
                await self.follow(hosts)
            await asyncio.sleep(LOOK_EVERY_S)

    async def follow(self, hosts: Iterable[str]) -> None:
        """These are the machines now."""
        wanted, known = set(hosts), {cell.host: cell for cell in self._edge.cells}
        try:
            for host in sorted(set(known) - wanted):
                await self._edge.remove(known[host])
                log.info("edge.gateway_left", host=host)
            for host in sorted(wanted - set(known)):
                await self._edge.add(CellPlace(self._gateways.port, self._gateways.calls, next(self._starts), host))
                log.info("edge.gateway_joined", host=host)
        except ServerAway as error:  # it reads the new list when it is started again
            log.error("edge.not_told", error=str(error))
