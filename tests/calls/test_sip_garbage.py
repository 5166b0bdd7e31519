"""What arrives on an open port: broken SDP, floods, mutations. A cell lives through all of it and leaks nothing.

``VOICEGW_FUZZ_MUTATIONS`` sets how many mutated packets are sent (500 if it is not set).
"""

import os
import random
import socket
import time

import pytest

from voicegw.sip.rate import RateGuard
from voicegw.wire.messages import AnswerCall, CallEnded, CellPulse, CellReady, HangUp, WorkerWanted

pytestmark = pytest.mark.calls

MUTATIONS = int(os.environ.get("VOICEGW_FUZZ_MUTATIONS", "500"))
PER_SECOND = 30
"""Below the rate at which a cell refuses attempts by itself."""


@pytest.mark.parametrize(
    "body",
    [
        "this is no SDP at all",
        "v=0\r\nm=audio\r\n",
        "v=0\r\no=- x y IN IP4\r\ns=-\r\nt=0 0\r\nm=audio 99999999 RTP/AVP 0\r\n",
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 18\r\n",
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 4000 RTP/AVP 31\r\n",
        "\x00" * 50,
    ],
    ids=["words", "short", "numbers", "unknown codec", "video alone", "zeros"],
)
def test_an_offer_that_cannot_be_taken_is_488(exchange, raw_phone, body):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    assert phone.ask("INVITE", sdp=body).startswith("SIP/2.0 488 ")
    assert alive(exchange, gateway)


def test_a_body_that_is_no_sdp_is_refused_or_taken_as_no_offer(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    phone.send(phone.request("INVITE", "Content-Type: text/plain\r\n", "hello"))
    exchange.pass_time(0.3)
    refused = any(text.startswith("SIP/2.0 4") for text in phone.got)
    assert refused or gateway.all(WorkerWanted)
    assert alive(exchange, gateway)


def test_an_invite_without_offer_may_be_turned_away(exchange, raw_phone):
    """Refusing it inside PJSIP's callback aborts the process."""
    gateway = exchange.cell()
    for status in (404, 503, 486):
        phone = raw_phone(gateway)
        phone.send(phone.request("INVITE"))
        gateway.turn_away(status, "No", retry_after_s=1)
        assert phone.final("1 INVITE").startswith(f"SIP/2.0 {status} ")
    assert alive(exchange, gateway)


def test_a_datagram_larger_than_pjsip_reads_is_survived(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    for size in (3_900, 4_100, 20_000, 60_000):
        phone.new_call()
        phone.send_sdp("INVITE", phone.sdp(), f"X-Long: {'x' * size}\r\n")
        exchange.pass_time(0.2)
        answer_wanted(gateway, random.Random(1))
    assert alive(exchange, gateway)


def test_a_flood_of_attempts_is_held_at_the_door(exchange, raw_phone):
    """More than 32 attempts in half a second abort PJSIP's select() queue."""
    gateway = exchange.cell()
    most = RateGuard.for_calls(gateway.expect(CellReady).most_calls).most
    phone = raw_phone(gateway)
    for _ in range(300):
        phone.new_call()
        phone.send_sdp("INVITE", phone.sdp())
        while gateway.waiting():
            gateway.turn_away(486, "Busy")
        exchange.pass_time(0.001)
    exchange.pass_time(0.5)
    refused = [text for text in phone.got if text.startswith("SIP/2.0 503 ")]
    assert len(gateway.all(WorkerWanted)) <= 3 * most
    assert refused
    assert all("\r\nRetry-After: " in text for text in refused)
    exchange.pass_time(0.7)
    assert alive(exchange, gateway)


def test_an_invite_that_is_cancelled_at_once_leaves_nothing(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    for _ in range(10):
        phone.new_call()
        phone.send_sdp("INVITE", phone.sdp())
        phone.send(phone.request("CANCEL"))
        assert phone.final("1 INVITE").startswith("SIP/2.0 487 ")
        exchange.pass_time(0.05)
    assert exchange.until(lambda: gateway.all(CellPulse)[-1].calls == 0, 3)
    assert alive(exchange, gateway)


def test_rtp_garbage_does_not_disturb_a_call(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    chance = random.Random(5)
    good = bytes.fromhex("800000010000000100000001") + bytes([0xFF]) * 160
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(MUTATIONS):
            sender.sendto(mutated(good, chance), ("127.0.0.1", phone.their_rtp_port() + chance.choice((0, 0, 0, 1))))
            exchange.pass_time(0.001)
    agent.wait_frames(25)
    assert not agent.all(CallEnded)
    assert alive(exchange, gateway)


def test_mutated_requests_neither_stop_a_cell_nor_leak_a_call(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    chance = random.Random(4711)
    due = time.monotonic()
    for _ in range(MUTATIONS):
        phone.new_call()
        method = chance.choice(("INVITE", "INVITE", "INVITE", "BYE", "CANCEL", "ACK", "OPTIONS", "UPDATE", "REFER"))
        whole = phone.request(method, headers(chance), phone.sdp() if method in ("INVITE", "UPDATE") else "")
        phone.send(mutated(whole.encode(), chance))
        due += 1 / PER_SECOND
        while time.monotonic() < due:
            exchange.pass_time(0.005)
            answer_wanted(gateway, chance)
        assert gateway.process.poll() is None, "the cell died"
    settle(exchange, gateway, chance)
    assert exchange.until(lambda: gateway.all(CellPulse)[-1].calls == 0, 45), "calls leaked"
    assert alive(exchange, gateway)


def test_mutated_requests_inside_a_call_end_at_most_that_call(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    chance = random.Random(1234)
    agent = phone.talk(gateway)
    bodies = {"INVITE": phone.sdp("a=sendonly\r\n"), "UPDATE": phone.sdp(), "INFO": "Signal=5\r\n"}
    for _ in range(MUTATIONS // 5):
        method = chance.choice(("INVITE", "UPDATE", "INFO", "OPTIONS", "REFER", "NOTIFY", "PRACK", "MESSAGE", "BYE"))
        phone.send(mutated(phone.request(method, headers(chance), bodies.get(method, "")).encode(), chance))
        exchange.pass_time(0.02)
        phone.send(phone.request("ACK"))
        if agent.all(CallEnded):
            exchange.pass_time(0.1)
            agent = phone.talk(gateway)
    assert exchange.until(lambda: gateway.all(CellPulse)[-1].calls <= 2, 45), "calls leaked"
    assert alive(exchange, gateway)


def headers(chance):
    choices = (
        "Content-Type: application/sdp\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/sdp\r\nRequire: nonsense\r\n",
        "Content-Type: application/sdp\r\nReplaces: a;to-tag=b;from-tag=c\r\n",
        "Content-Type: application/sdp\r\nSession-Expires: 1\r\nSupported: timer\r\n",
        "Content-Type: multipart/mixed;boundary=x\r\n",
        "",
    )
    return chance.choice(choices)


def mutated(data, chance):
    """Flipped, cut, doubled, swapped and overwritten, one to four times; sometimes nothing."""
    data = bytearray(data)
    for _ in range(chance.randrange(5)):
        at = chance.randrange(max(1, len(data)))
        match chance.randrange(7):
            case 0 if data:
                data[at % len(data)] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randrange(1, 40)]
            case 2:
                data[at:at] = data[at : at + chance.randrange(1, 200)]
            case 3:
                data = data[: max(1, at)]
            case 4:
                data[at:at] = chance.choice((b"\r\n", b"\x00", b"\xff" * 8, b"%s%n", b"9" * 30, b";" * 50, b"\r\n\r\n"))
            case 5:
                number = chance.choice((b"0", b"-1", b"4294967296", b"99999999999999999999"))
                data = data.replace(chance.choice((b"1", b"70", b"8000", b"101", b"127")), number, 1)
            case _:
                lines = data.split(b"\r\n")
                chance.shuffle(lines)
                data = bytearray(b"\r\n".join(lines))
    return bytes(data)


def answer_wanted(gateway, chance):
    """Calls that came through: most are turned away, some get a worker that answers and hangs up."""
    while gateway.waiting():
        if chance.random() < 0.8:
            gateway.turn_away(chance.choice((404, 486, 503)), "No")
        else:
            worker = gateway.give_worker(gateway.wanted())
            worker.send(AnswerCall(), HangUp())  # the call may be over by now: then nobody reads this


def settle(exchange, gateway, chance):
    until = time.monotonic() + 2
    while time.monotonic() < until:
        exchange.pass_time(0.01)
        answer_wanted(gateway, chance)


def alive(exchange, gateway):
    """It still takes a whole, good call."""
    phone = exchange.cell()
    exchange.pass_time(0.7)
    agent, placed = exchange.talk(gateway, phone)
    agent.wait_frames(5)
    placed.end.close()
    agent.expect(CallEnded)
    return gateway.process.poll() is None
