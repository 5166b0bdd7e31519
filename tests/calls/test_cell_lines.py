"""What happens inside a call: keys, hold, transfer, timers, silence on the wire."""

import struct

import pytest

from voicegw.wire.messages import (
    AnswerCall,
    CallAnswered,
    CallEnded,
    CallHeld,
    CallProgressed,
    CallStarted,
    CallUnheld,
    DigitPressed,
    HangUp,
    PlayoutEnded,
    PlayoutStarted,
    SendDigits,
    TransferCall,
    TransferProgressed,
    WorkerReturned,
    WorkerWanted,
)

pytestmark = pytest.mark.calls


def test_keys_go_both_ways_by_rfc_4733_each_once_and_in_order(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, placed = exchange.talk(gateway, phone)
    agent.wait_frames(10)
    for presser, other in ((placed.end, agent), (agent, placed.end)):
        presser.send(SendDigits("1234#*"))
        assert exchange.until(lambda other=other: len(other.all(DigitPressed)) >= 6), other.all(DigitPressed)
        exchange.pass_time(0.3)
        pressed = other.all(DigitPressed)
        assert "".join(key.digit for key in pressed) == "1234#*"
        assert {key.method for key in pressed} == {"rfc4733"}
        assert [key.at_ms for key in pressed] == sorted(key.at_ms for key in pressed)


@pytest.mark.parametrize("marker", [True, False], ids=["marker", "no marker"])
def test_keys_are_told_apart_by_their_timestamps_and_told_once(exchange, raw_phone, marker):
    """Some carriers leave the marker bit out (RFC 4733 §2.5.1.1), all send the end three times, packets get lost."""
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    packets = [packet for place, event in enumerate((5, 5, 11)) for packet in key_packets(place, event, marker)]
    del packets[1]
    for packet in packets:
        phone.media.sendto(packet, ("127.0.0.1", phone.their_rtp_port()))
        exchange.pass_time(0.01)
    assert exchange.until(lambda: len(agent.all(DigitPressed)) >= 3), agent.all(DigitPressed)
    exchange.pass_time(0.2)
    assert "".join(key.digit for key in agent.all(DigitPressed)) == "55#"


def key_packets(place, event, marker):
    """RTP of a 100 ms key, telephone-event/8000, payload type 101."""
    for n, (end, duration) in enumerate([(0, 160), (0, 320), (0, 480), (0, 640), (1, 800), (1, 800), (1, 800)]):
        first = 0x80 if marker and n == 0 else 0
        header = struct.pack(">BBHII", 0x80, first | 101, 100 + 7 * place + n, 16_000 + 3_200 * place, 77)
        yield header + struct.pack(">BBH", event, end << 7 | 10, duration)


def test_keys_come_by_info_as_relay_and_as_plain_dtmf(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    for kind, body in (("dtmf-relay", "Signal=5\r\nDuration=160\r\n"), ("dtmf", "9")):
        phone.send(phone.request("INFO", f"Content-Type: application/{kind}\r\n", body))
        phone.final(f"{phone.cseq} INFO")
    assert exchange.until(lambda: len(agent.all(DigitPressed)) == 2), phone.got[-2:]
    assert [(key.digit, key.method) for key in agent.all(DigitPressed)] == [("5", "info"), ("9", "info")]


def test_a_trunk_may_ask_in_the_dialog_if_the_call_is_still_there(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    assert phone.ask("OPTIONS").startswith("SIP/2.0 200 ")
    agent.wait_frames(5)


def test_keys_go_by_info_to_a_phone_without_telephone_events(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway, phone.sdp(formats="0"))
    agent.send(SendDigits("42"))
    assert exchange.until(lambda: len(phone.requests("INFO")) == 2), phone.got[-1]
    assert ["Signal=4" in phone.requests("INFO")[0], "Signal=2" in phone.requests("INFO")[1]] == [True, True]
    assert not agent.all(CallEnded)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
@pytest.mark.parametrize(
    ("held", "answered"),
    [
        ({"extra": "a=sendonly\r\n"}, "a=recvonly"),
        ({"extra": "a=inactive\r\n"}, "a=inactive"),
        ({"connection": "0.0.0.0"}, "c=IN IP4 0.0.0.0"),
    ],
    ids=["sendonly", "inactive", "zeros"],
)
def test_hold_is_answered_in_kind_and_nobody_listens_until_it_is_over(exchange, raw_phone, method, held, answered):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    agent.wait_frames(10)
    response = phone.ask(method, sdp=phone.sdp(**held))
    assert response.startswith("SIP/2.0 200 ")
    assert answered in response
    agent.expect(CallHeld)
    exchange.pass_time(0.1)
    before = len(agent.frames())
    exchange.pass_time(0.5)
    assert len(agent.frames()) == before
    response = phone.ask(method, sdp=phone.sdp())
    assert "a=sendrecv" in response
    agent.expect(CallUnheld)
    agent.wait_frames(10)
    assert not agent.all(CallEnded)


def test_speech_stands_still_on_hold_and_goes_on_after(exchange, raw_phone, tone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    agent.say(tone.samples(1.0))
    agent.wait_frames(20)
    phone.ask("INVITE", sdp=phone.sdp("a=sendonly\r\n"))
    agent.expect(CallHeld)
    exchange.pass_time(1.2)
    assert not agent.all(PlayoutEnded)
    phone.ask("INVITE", sdp=phone.sdp())
    ended = agent.expect(PlayoutEnded)
    assert (ended.heard_ms, ended.complete) == (1000, True)


def test_a_re_invite_may_change_the_codec(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    agent.wait_frames(5)
    response = phone.ask("INVITE", sdp=phone.sdp(formats="8 101"))
    assert " RTP/AVP 8 " in response
    agent.wait_frames(25)
    assert not agent.all(CallHeld)
    assert not agent.all(CallEnded)


def test_an_offer_may_come_late(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    phone.send(phone.request("INVITE"))
    agent = gateway.take_call()
    agent.send(AnswerCall())
    offer = phone.final("1 INVITE")
    assert " RTP/AVP 0 8 9 " in offer
    tag = offer.partition("To:")[2].partition("\r\n")[0].partition(";tag=")[2]
    phone.to_tag = f";tag={tag}"
    phone.send_sdp("ACK", phone.sdp())
    assert agent.expect(CallAnswered).codec == "PCMU"
    agent.wait_frames(10)


def test_a_transfer_is_told_step_by_step_and_ends_with_bye(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    agent.send(TransferCall("sip:person@127.0.0.1", {"X-Context": "refund"}))
    assert exchange.until(lambda: bool(phone.requests("REFER")))
    refer = phone.requests("REFER")[0]
    assert "Refer-To: <sip:person@127.0.0.1>" in refer or "Refer-To: sip:person@127.0.0.1" in refer
    assert "X-Context: refund" in refer
    notify(phone, "SIP/2.0 180 Ringing", "active")
    notify(phone, "SIP/2.0 200 OK", "terminated;reason=noresource")
    assert agent.expect(TransferProgressed, sip_status=180, final=False)
    assert agent.expect(TransferProgressed, sip_status=200, final=True)
    assert exchange.until(lambda: bool(phone.requests("BYE")))
    assert agent.expect(CallEnded) == CallEnded("agent", 200, "transferred", "confirmed")


def test_a_transfer_that_fails_leaves_the_caller_with_the_agent(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    agent.send(TransferCall("sip:person@127.0.0.1"))
    assert exchange.until(lambda: bool(phone.requests("REFER")))
    notify(phone, "SIP/2.0 486 Busy Here", "terminated;reason=noresource")
    agent.expect(TransferProgressed, sip_status=486, final=True)
    agent.wait_frames(25)
    assert not phone.requests("BYE")


def test_a_transfer_that_rings_too_long_comes_back_and_may_still_be_answered(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    agent.send(TransferCall("sip:person@127.0.0.1", ring_timeout_s=0.8))
    assert exchange.until(lambda: bool(phone.requests("REFER")))
    notify(phone, "SIP/2.0 180 Ringing", "active")
    agent.expect(TransferProgressed, sip_status=408, final=True)
    agent.wait_frames(10)
    notify(phone, "SIP/2.0 200 OK", "terminated;reason=noresource")
    assert agent.expect(CallEnded).transfer == "confirmed"


def test_a_trunk_that_leaves_as_soon_as_it_has_accepted_took_the_caller(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    agent.send(TransferCall("sip:person@127.0.0.1"))
    agent.expect(TransferProgressed, final=False)
    phone.ask("BYE")
    ended = agent.expect(CallEnded)
    assert (ended.by, ended.transfer) == ("caller", "accepted")
    assert gateway.ended()["transfer"] == "accepted"


def test_a_caller_whose_bye_crosses_our_refer_has_hung_up(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    phone.answers["REFER"] = "481 Call/Transaction Does Not Exist"
    agent = phone.talk(gateway)
    agent.send(TransferCall("sip:person@127.0.0.1"))
    phone.ask("BYE")
    assert agent.expect(CallEnded).transfer == ""


def test_a_bare_number_is_looked_for_at_the_trunk(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    agent.send(TransferCall("+15550199"))
    assert exchange.until(lambda: bool(phone.requests("REFER")))
    assert f"sip:+15550199@127.0.0.1:{phone.port}" in phone.requests("REFER")[0]


@pytest.mark.parametrize("status", ["603 Decline", "405 Method Not Allowed"])
def test_a_phone_that_refuses_refer_leaves_the_caller_with_the_agent(exchange, raw_phone, status):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    phone.answers["REFER"] = status
    agent = phone.talk(gateway)
    agent.send(TransferCall("sip:person@127.0.0.1"))
    agent.expect(TransferProgressed, sip_status=int(status[:3]), final=True)
    agent.wait_frames(10)


def test_what_is_no_address_cannot_be_transferred_to(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    agent.send(TransferCall("nobody knows"))
    agent.expect(TransferProgressed, final=True)
    agent.wait_frames(10)


def test_a_caller_cannot_make_us_dial(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    response = phone.ask("REFER", f"Refer-To: <sip:premium@127.0.0.1:{phone.port}>\r\n")
    assert response.startswith("SIP/2.0 603 ")
    agent.wait_frames(10)
    assert not phone.requests("INVITE")


def test_a_call_whose_audio_never_comes_ends(exchange, raw_phone):
    gateway = exchange.cell("--media-timeout", "1.5")
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    ended = agent.expect(CallEnded)
    assert (ended.by, ended.reason) == ("network", "no audio from the other side")
    assert gateway.ended()["rtp_received"] == 0
    assert exchange.until(lambda: bool(phone.requests("BYE")))


def test_hold_is_no_silence_on_the_wire(exchange, raw_phone):
    gateway = exchange.cell("--media-timeout", "1.0")
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    phone.ask("INVITE", sdp=phone.sdp("a=inactive\r\n"))
    agent.expect(CallHeld)
    exchange.pass_time(2.5)
    assert not agent.all(CallEnded)
    phone.ask("INVITE", sdp=phone.sdp())
    agent.expect(CallUnheld)
    assert agent.expect(CallEnded).by == "network"


def test_a_session_timer_is_agreed_and_kept(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    phone.new_call()
    phone.send_sdp("INVITE", phone.sdp(), "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\nMin-SE: 90\r\n")
    agent = gateway.take_call()
    agent.send(AnswerCall())
    response = phone.final("1 INVITE")
    assert "Session-Expires: 90;refresher=uac" in response
    phone.acknowledge(response)
    agent.expect(CallAnswered)
    assert phone.ask("UPDATE", "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n").startswith("SIP/2.0 200 ")


def test_too_short_a_session_timer_is_422(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    response = phone.ask("INVITE", "Supported: timer\r\nSession-Expires: 30\r\n", phone.sdp())
    assert response.startswith("SIP/2.0 422 ")
    assert "Min-SE: 90" in response
    exchange.pass_time(0.2)
    assert not gateway.all(WorkerWanted), "a call that was refused needs no worker"
    assert not gateway.all(CallProgressed)


def test_a_worker_that_comes_after_the_caller_has_left_goes_back(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    phone.new_call()
    phone.send_sdp("INVITE", phone.sdp())
    wanted = gateway.wanted()
    phone.send(phone.request("CANCEL"))
    gateway.ended()
    worker = gateway.give_worker(wanted)
    assert gateway.expect(WorkerReturned).worker == gateway.workers
    assert not worker.all(CallStarted)


def test_a_reliable_ringing_is_acknowledged_by_prack(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    phone.new_call()
    phone.send_sdp("INVITE", phone.sdp(), "Supported: 100rel\r\nRequire: 100rel\r\n")
    assert exchange.until(lambda: any(text.startswith("SIP/2.0 180 ") for text in phone.got))
    ringing = next(text for text in phone.got if text.startswith("SIP/2.0 180 "))
    rseq = ringing.partition("RSeq: ")[2].partition("\r\n")[0]
    phone.to_tag = ";tag=" + ringing.partition("To:")[2].partition("\r\n")[0].partition(";tag=")[2]
    assert phone.ask("PRACK", f"RAck: {rseq} 1 INVITE\r\n").startswith("SIP/2.0 200 ")
    agent = gateway.take_call()
    agent.send(AnswerCall())
    phone.acknowledge(phone.final("1 INVITE"))
    agent.expect(CallAnswered)


def notify(phone, sipfrag, state):
    """What a phone says of a REFER it has accepted (RFC 3515 §2.4.4)."""
    phone.send(
        phone.request(
            "NOTIFY",
            f"Event: refer\r\nSubscription-State: {state}\r\nContent-Type: message/sipfrag;version=2.0\r\n",
            f"{sipfrag}\r\n",
        )
    )
    phone.final(f"{phone.cseq} NOTIFY")


def test_bye_twice_and_keys_after_the_end_are_harmless(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    assert phone.ask("BYE").startswith("SIP/2.0 200 ")
    agent.expect(CallEnded)
    assert phone.ask("BYE")[8:11] in ("200", "481")
    phone.talk(gateway).send(HangUp())
    assert exchange.until(lambda: len(phone.requests("BYE")) == 1)


def test_a_call_whose_audio_stops_ends(exchange, raw_phone):
    gateway = exchange.cell("--media-timeout", "1.0")
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    for n in range(75):
        phone.media.sendto(
            struct.pack(">BBHII", 0x80, 0, n, 160 * n, 77) + b"\xff" * 160, ("127.0.0.1", phone.their_rtp_port())
        )
        exchange.pass_time(0.02)
    assert not agent.all(CallEnded), "as long as it came, the call went on"
    assert agent.expect(CallEnded).reason == "no audio from the other side"
    assert gateway.ended()["rtp_received"] == 75


def test_a_call_may_begin_on_hold(exchange, raw_phone):
    gateway = exchange.cell("--media-timeout", "0.5")
    phone = raw_phone(gateway)
    agent = phone.talk(gateway, phone.sdp("a=sendonly\r\n"))
    agent.expect(CallHeld)
    exchange.pass_time(0.8)
    assert not agent.frames()
    phone.ask("INVITE", sdp=phone.sdp())
    agent.expect(CallUnheld)
    agent.wait_frames(5)


def test_what_was_queued_before_the_answer_is_heard_at_once(exchange, raw_phone, tone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    phone.new_call()
    phone.send_sdp("INVITE", phone.sdp())
    agent = gateway.take_call()
    agent.say(tone.samples(0.5))
    exchange.pass_time(0.3)
    agent.send(AnswerCall())
    answered = agent.expect(CallAnswered)
    assert agent.expect(PlayoutStarted).at_ms - answered.at_ms <= 60
