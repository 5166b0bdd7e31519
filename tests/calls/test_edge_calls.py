"""Real Kamailio in front of real cells: one address, a limit for each cell, failover, a door that is watched."""

import asyncio
import shutil
import socket
import time

import pytest

from voicegw.config import load
from voicegw.gateway.edge import kamailio
from voicegw.gateway.edge.kamailio import Edge
from voicegw.gateway.edge.rendering import CellPlace
from voicegw.wire.messages import AnswerCall, CallEnded, CallTurnedAway, CellReady, Drain, WorkerWanted

pytestmark = [
    pytest.mark.calls,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not shutil.which(kamailio.PROGRAM), reason="Kamailio is not installed"),
]


class Site:
    """Cells with an edge in front; the test answers the cells' questions."""

    def __init__(self, exchange, folder, cells, **edge_settings):
        self.exchange = exchange
        self.loop = asyncio.new_event_loop()
        self.cells = [exchange.cell("--media-host", "127.0.0.1") for _ in range(cells)]
        settings = load(None, {"sip": {"host": "127.0.0.1", "port": 0}, "edge": edge_settings})
        place = kamailio.place_for(settings, folder)
        self.places = [CellPlace(cell.port, cell.expect(CellReady).most_calls, n) for n, cell in enumerate(self.cells)]
        self.edge = Edge(settings, place, list(self.places))
        self.loop.run_until_complete(self.edge.start())
        self.port = place.port

    def ask(self, method, *arguments):
        return self.loop.run_until_complete(self.edge.ask(method, *arguments))

    def targets(self):
        """URI to Kamailio's flags of each cell: ``AP`` is active and watched."""
        records = self.ask("dispatcher.list")["RECORDS"]
        return {t["DEST"]["URI"]: t["DEST"]["FLAGS"] for r in records for t in r["SET"]["TARGETS"]}

    def until_in_use(self, count):
        assert self.exchange.until(lambda: sum(f[0] == "A" for f in self.targets().values()) == count, 10)

    def answer_all(self):
        """Every waiting call gets a worker that answers it; returns their ends."""
        ends = []
        for cell in self.cells:
            while not cell.closed and cell.waiting():
                end = cell.give_worker(cell.wanted())
                end.send(AnswerCall())
                ends.append(end)
        return ends

    def stop(self):
        self.loop.run_until_complete(self.edge.stop())
        self.loop.close()


@pytest.fixture
def site(exchange, tmp_path):
    made = []

    def make(cells, **edge_settings):
        made.append(Site(exchange, tmp_path / "edge", cells, **edge_settings))
        made[-1].until_in_use(cells)
        return made[-1]

    yield make
    for one in made:
        one.stop()


def dial(site, raw_phone, count):
    """So many phones that send an INVITE each; those that were answered acknowledge it."""
    phones = [raw_phone(site) for _ in range(count)]
    ends = []
    for phone in phones:
        phone.send_sdp("INVITE", phone.sdp())
        site.exchange.pass_time(0.06)
        ends += site.answer_all()
    for phone in phones:
        while not [text for text in phone.got if text[:9] in {f"SIP/2.0 {n}" for n in "23456"}]:
            site.exchange.pass_time(0.05)
            ends += site.answer_all()
        phone.acknowledge(phone.final("1 INVITE"))
    return phones, ends


def test_calls_fill_all_cells_and_the_next_one_gets_503_at_once(site, raw_phone):
    here = site(2)
    phones, _ = dial(here, raw_phone, 8)
    assert all(phone.final("1 INVITE").startswith("SIP/2.0 200 ") for phone in phones)
    assert [len(cell.all(WorkerWanted)) for cell in here.cells] == [4, 4]
    began = time.monotonic()
    ninth = raw_phone(here)
    answer = ninth.ask("INVITE", sdp=ninth.sdp())
    assert answer.startswith("SIP/2.0 503 ")
    assert "\r\nRetry-After: " in answer
    assert time.monotonic() - began < 1.0
    assert phones[0].ask("BYE").startswith("SIP/2.0 200 ")
    again, _ = dial(here, raw_phone, 1)
    assert again[0].final("1 INVITE").startswith("SIP/2.0 200 ")


def test_an_edge_that_has_started_gives_calls_at_once(exchange, tmp_path):
    started = Site(exchange, tmp_path / "edge", 1)
    try:
        assert [flags[0] for flags in started.targets().values()] == ["A"]
    finally:
        started.stop()


def test_what_the_machine_refuses_is_not_asked_of_its_other_cells(site, raw_phone):
    here = site(3)
    phone = raw_phone(here)
    phone.send_sdp("INVITE", phone.sdp())
    assert here.exchange.until(lambda: any(cell.waiting() for cell in here.cells), 5)
    cell = next(cell for cell in here.cells if cell.waiting())
    cell.send(CallTurnedAway(cell.wanted().call_id, 503, "as many callers as can be talked with", 17))
    answer = phone.final("1 INVITE")
    assert answer.startswith("SIP/2.0 503 as many callers as can be talked with\r\n")
    assert "\r\nRetry-After: 17\r\n" in answer
    assert "X-Voicegw" not in answer
    assert sum(len(cell.all(WorkerWanted)) for cell in here.cells) == 1
    phones, _ = dial(here, raw_phone, 12)
    assert all(phone.final("1 INVITE").startswith("SIP/2.0 200 ") for phone in phones)


def test_in_the_dialog_everything_finds_its_cell_and_sound_goes_past_the_edge(site, raw_phone):
    here = site(2)
    (phone,), (agent,) = dial(here, raw_phone, 1)
    assert phone.ask("INVITE", sdp=phone.sdp("a=sendonly\r\n")).startswith("SIP/2.0 200 ")
    assert phone.ask("INVITE", sdp=phone.sdp()).startswith("SIP/2.0 200 ")
    agent.wait_frames(10)
    assert phone.ask("BYE").startswith("SIP/2.0 200 ")
    assert agent.expect(CallEnded).by == "caller"


def test_a_cell_that_dies_gets_no_calls_and_one_that_comes_back_does(site, raw_phone):
    here = site(2)
    dead = here.cells[0]
    dead.process.kill()
    dead.process.wait()
    dead.close()
    here.until_in_use(1)
    phones, _ = dial(here, raw_phone, 4)
    assert all(phone.final("1 INVITE").startswith("SIP/2.0 200 ") for phone in phones)
    cell = here.exchange.cell("--media-host", "127.0.0.1")
    here.cells.append(cell)
    here.loop.run_until_complete(here.edge.remove(here.places[0]))
    here.loop.run_until_complete(here.edge.add(CellPlace(cell.port, 4, 99)))
    here.until_in_use(2)
    phones, _ = dial(here, raw_phone, 4)
    assert all(phone.final("1 INVITE").startswith("SIP/2.0 200 ") for phone in phones)


def test_a_draining_cell_is_passed_over(site, raw_phone):
    here = site(2)
    here.cells[0].send(Drain())
    here.until_in_use(1)
    dial(here, raw_phone, 3)
    assert not here.cells[0].all(WorkerWanted)


def test_strangers_get_no_answer(site, raw_phone):
    here = site(1, trunks=("198.51.100.7",))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.settimeout(1.0)
        phone = raw_phone(here)
        stranger.connect(("127.0.0.1", here.port))
        stranger.send(phone.request("OPTIONS").encode())
        with pytest.raises(TimeoutError):
            stranger.recv(4096)


def test_more_calls_a_second_than_allowed_get_503(site, raw_phone):
    here = site(2, calls_per_s=2)
    phones = [raw_phone(here) for _ in range(8)]
    for phone in phones:
        phone.send_sdp("INVITE", phone.sdp())
    here.exchange.pass_time(0.5)
    refused = [text for phone in phones for text in phone.got if text.startswith("SIP/2.0 503 ")]
    assert len(refused) >= 4
    assert all("\r\nRetry-After: " in text for text in refused)


def test_an_edge_whose_processes_are_killed_is_there_again(site, raw_phone):
    here = site(1)
    before = here.edge.pid

    async def die():
        kamailio.os.kill(before, 9)
        for _ in range(100):
            await asyncio.sleep(0.1)
            if here.edge.pid != before and await here.edge._answers():
                return

    here.loop.run_until_complete(die())
    assert here.edge.pid != before
    here.until_in_use(1)
    phones, _ = dial(here, raw_phone, 1)
    assert phones[0].final("1 INVITE").startswith("SIP/2.0 200 ")
