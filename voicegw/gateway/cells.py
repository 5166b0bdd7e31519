"""The cells of a service, and where callers reach them: each at its own port, or all behind an edge.

With an edge, cells listen on loopback, and only their audio goes to and from the outside.
"""

import contextlib
import itertools
import json
from contextlib import AsyncExitStack
from pathlib import Path

from voicegw.config import Settings
from voicegw.errors import ServerAway, SetupError
from voicegw.gateway import children
from voicegw.gateway.children import Child
from voicegw.gateway.edge import kamailio
from voicegw.gateway.edge.kamailio import Edge
from voicegw.gateway.edge.rendering import CellPlace, EdgePlace
from voicegw.gateway.supervisor import Supervisor
from voicegw.log import get_logger
from voicegw.sip.ports import RTP_PORTS, sip_port

EDGE_FOLDER = "edge"

log = get_logger()


class Cells:
    """All cells of one service. Belongs to its event loop.

    :param edge_place: where the edge will listen, as of ``door``; None: there is none.
    :param stack: ends them.
    """

    def __init__(
        self, settings: Settings, supervisor: Supervisor, edge_place: EdgePlace | None, stack: AsyncExitStack
    ) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._stack = stack
        self._starts = itertools.count(1)
        self._places: dict[int, CellPlace] = {}
        """By the cell's number."""
        self._children: dict[int, Child] = {}
        self._edge: Edge | None = None
        self._edge_place = edge_place

    @property
    def sip_ports(self) -> tuple[int, ...]:
        """Where calls come in."""
        if self._edge:
            return (self._edge.place.port,)
        return tuple(place.port for _, place in sorted(self._places.items()))

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the cells, by number."""
        return tuple(child.pid for _, child in sorted(self._children.items()))

    async def start(self) -> None:
        """Start them all, and the edge, if there is to be one.

        :raises SetupError: one did not start.
        """
        for number in range(self._settings.sip.cells):
            await self._start_one(number)
        if self._edge_place:
            edge = Edge(self._settings, self._edge_place, list(self._places.values()))
            self._stack.push_async_callback(edge.stop)
            await edge.start()
            self._edge = edge

    async def replace_the_lost(self) -> None:
        """For ever: start a cell anew when it has died."""
        while True:
            lost = await self._supervisor.next_lost_cell()
            await lost.child.stop()
            if lost.number not in self._places:  # that of the web process
                continue
            with contextlib.suppress(SetupError):
                await self._replace(lost.number)

    async def _replace(self, number: int) -> None:
        before = self._places[number]
        await self._start_one(number)
        if not self._edge:
            return
        try:
            await self._edge.remove(before)
            await self._edge.add(self._places[number])
        except ServerAway as error:  # it reads the new list when it is started again
            log.error("edge.not_told", cell=number, error=str(error))

    async def _start_one(self, number: int) -> None:
        secrets = json.dumps(self._secrets(number)).encode()
        child = await children.start(f"cell-{number}", "voicegw.gateway.cell", self._arguments(number), secrets)
        self._stack.push_async_callback(child.stop)
        try:
            state = await self._supervisor.add_cell(number, child)
        except (ConnectionError, TimeoutError) as error:
            raise SetupError(f"cell {number} did not start ({error}): see its log line above") from None
        self._children[number] = child
        self._places[number] = CellPlace(state.sip_port, state.most_calls, next(self._starts))

    def _secrets(self, number: int) -> dict[str, object]:
        """What does not belong on a command line. One cell registers for all."""
        sip, place = self._settings.sip, self._edge_place
        at_edge: dict[str, str] = {}
        if place:
            host = place.reachable_host or sip.host
            at_edge = {"proxy": f"sip:127.0.0.1:{place.inside_port};lr"}
        registrations = [
            one.model_dump() | at_edge | ({"contact": f"sip:{one.user}@{host}:{place.port}"} if place else {})
            for one in sip.registrations
        ]
        return {"users": sip.users, "registrations": registrations if number == 0 else []}

    def _arguments(self, number: int) -> list[str]:
        sip = self._settings.sip
        if self._edge_place:
            listening = {"--host": "127.0.0.1", "--port": "0", "--media-host": sip.host}
        else:
            listening = {"--host": sip.host, "--port": str(sip.port + number if sip.port else 0)}
        options = {
            **listening,
            "--rtp-port": str(sip.rtp_port + RTP_PORTS * number if sip.rtp_port else 0),
            "--public-host": sip.public_host,
            "--codecs": ",".join(sip.codecs),
            "--srtp": sip.srtp,
            "--media-timeout": str(sip.media_timeout_s),
            "--worker-hang": str(self._settings.workers.hang_s),
            "--log-level": self._settings.log.level,
            "--log-format": self._settings.log.format,
        }
        return ["--secrets", *(part for option, value in options.items() if value for part in (option, value))]


def door(settings: Settings) -> EdgePlace | None:
    """Where the edge is to listen; None: every cell has its own port. To be asked before anything is started.

    :raises SetupError: a port is taken, or the settings ask for an edge that is not installed.
    """
    if kamailio.wanted(settings):
        return kamailio.place_for(settings, Path(settings.data_dir, EDGE_FOLDER).absolute())
    if settings.sip.port:
        for number in range(settings.sip.cells):
            sip_port(settings.sip.host, settings.sip.port + number)
    return None
