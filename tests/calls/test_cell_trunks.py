"""Trunks that must prove who they are, and trunks that want to be told where we are."""

import selectors
import shutil
import socket

import pytest

from voicegw.config import load
from voicegw.gateway.edge import kamailio
from voicegw.gateway.edge.rendering import CellPlace
from voicegw.sip.digest import Answer, parse, response
from voicegw.sip.headers import first
from voicegw.wire.messages import AnswerCall, CallAnswered, CallEnded, CellPulse, WorkerWanted

pytestmark = pytest.mark.calls
USERS = {"trunk": "between us"}


def authorization(response_401: str, password: str = USERS["trunk"], algorithm: str = "SHA-256") -> str:
    """What a trunk answers to a challenge."""
    lines = [line for line in response_401.split("\r\n") if line.startswith("WWW-Authenticate:")]
    asked = next(line for line in lines if f"algorithm={algorithm}" in line)
    nonce = asked.partition('nonce="')[2].partition('"')[0]
    answer = Answer("trunk", "voicegw", nonce, "sip:4711@127.0.0.1", "", algorithm, "auth", "00000001", "c0ffee")
    right = response(answer, password, "INVITE")
    return (
        f'Authorization: Digest username="trunk", realm="voicegw", nonce="{nonce}", uri="{answer.uri}", '
        f'response="{right}", algorithm={algorithm}, qop=auth, nc=00000001, cnonce="c0ffee"\r\n'
    )


@pytest.mark.parametrize("algorithm", ["SHA-256", "MD5"])
def test_a_trunk_that_knows_its_password_is_answered(exchange, raw_phone, algorithm):
    gateway = exchange.cell(secrets={"users": USERS})
    phone = raw_phone(gateway)
    phone.new_call()
    refused = phone.ask("INVITE", "", phone.sdp())
    assert refused.startswith("SIP/2.0 401 ")
    exchange.pass_time(0.2)
    assert not gateway.all(WorkerWanted), "a challenge needs no worker"
    phone.send_sdp("INVITE", phone.sdp(), authorization(refused, algorithm=algorithm))
    agent = gateway.take_call()
    agent.send(AnswerCall())
    phone.acknowledge(phone.final("2 INVITE"))
    agent.expect(CallAnswered)
    assert phone.ask("BYE").startswith("SIP/2.0 200 "), "inside a call nobody asks again"


def test_who_guesses_is_challenged_for_ever_and_takes_no_line(exchange, raw_phone):
    gateway = exchange.cell(secrets={"users": USERS})
    phone = raw_phone(gateway)
    phone.new_call()
    refused = phone.ask("INVITE", "", phone.sdp())
    for _ in range(10):
        refused = phone.ask("INVITE", authorization(refused, "guessed"), phone.sdp())
        assert refused.startswith("SIP/2.0 401 ")
    assert not gateway.all(WorkerWanted)


class Registrar:
    """Believes nobody at first, and everybody who answers its challenge."""

    def __init__(self, exchange, in_the_end="200 OK"):
        self.in_the_end = in_the_end
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.got = []
        exchange.selector.register(self.sock, selectors.EVENT_READ, self)

    @property
    def uri(self):
        return f"sip:127.0.0.1:{self.sock.getsockname()[1]}"

    @property
    def trunk(self):
        return f"acme@127.0.0.1:{self.sock.getsockname()[1]}"

    def read(self):
        data, address = self.sock.recvfrom(65_535)
        request = data.decode()
        self.got.append(request)
        asked = 'WWW-Authenticate: Digest realm="provider", nonce="n1", qop="auth", algorithm=MD5\r\n'
        status, more = (self.in_the_end, "") if "\nAuthorization:" in request else ("401 Unauthorized", asked)
        names = ("Via:", "From:", "To:", "Call-ID:", "CSeq:", "Contact:")
        kept = "".join(f"{line}\r\n" for line in request.split("\r\n") if line.startswith(names))
        self.sock.sendto(f"SIP/2.0 {status}\r\n{kept}{more}Content-Length: 0\r\n\r\n".encode(), address)


def test_a_trunk_is_told_where_we_are_and_why_to_believe_it(exchange):
    registrar = Registrar(exchange)
    account = {"registrar": registrar.uri, "user": "acme", "password": "known to both"}
    gateway = exchange.cell(secrets={"registrations": [account]})
    assert exchange.until(lambda: len(registrar.got) >= 2, 10.0)
    second = registrar.got[1]
    given = parse(first(second, "Authorization"))
    assert given is not None
    assert (given.username, given.realm) == ("acme", "provider")
    assert given.response == response(given, "known to both", "REGISTER")
    assert f":{gateway.port}" in first(second, "Contact")
    assert exchange.until(lambda: any("sip.registered" in line for line in gateway.log_lines()))
    assert gateway.expect(CellPulse, trunks={registrar.trunk: True})


def test_a_trunk_that_does_not_have_us_is_told_of(exchange):
    registrar = Registrar(exchange, "403 Forbidden")
    gateway = exchange.cell(
        secrets={"registrations": [{"registrar": registrar.uri, "user": "acme", "password": "wrong"}]}
    )
    assert gateway.expect(CellPulse, 10.0, trunks={registrar.trunk: False})


@pytest.mark.skipif(not shutil.which(kamailio.PROGRAM), reason="Kamailio is not installed")
async def test_through_the_edge_a_trunk_is_told_where_the_edge_is(exchange, tmp_path):
    registrar = Registrar(exchange)
    settings = load(None, {"sip": {"host": "127.0.0.1", "port": 0}})
    place = kamailio.place_for(settings, tmp_path)
    account = {
        "registrar": registrar.uri,
        "user": "acme",
        "password": "known to both",
        "contact": f"sip:acme@127.0.0.1:{place.port}",
        "proxy": f"sip:127.0.0.1:{place.inside_port};lr",
    }
    cell = exchange.cell("--media-host", "127.0.0.1", secrets={"registrations": [account]})
    edge = kamailio.Edge(settings, place, [CellPlace(cell.port, 4, 1)])
    await edge.start()
    try:
        assert exchange.until(lambda: any("sip.registered" in line for line in cell.log_lines()), 15.0)
        assert f":{place.port}" in first(registrar.got[-1], "Contact")
        assert f":{place.port}" in first(registrar.got[-1], "Via"), "it comes from where calls shall go"
    finally:
        await edge.stop()


@pytest.mark.parametrize(("ours", "theirs"), [("required", "required"), ("optional", "required"), ("optional", "off")])
def test_encrypted_audio_is_heard_by_who_has_the_key(exchange, tone, ours, theirs):
    gateway, phone = exchange.cell("--srtp", ours), exchange.cell("--srtp", theirs)
    agent, placed = exchange.talk(gateway, phone)
    agent.say(tone.samples(2))
    placed.end.wait_frames(100)
    assert tone.seconds_in(placed.end.heard()) > 1.0


def test_who_wants_no_encryption_is_refused_where_it_is_required(exchange):
    gateway, phone = exchange.cell("--srtp", "required"), exchange.cell()
    placed = phone.dial(gateway.uri)
    assert placed.end.expect(CallEnded).sip_status in (406, 488)
    assert not gateway.all(WorkerWanted)
