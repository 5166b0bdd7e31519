"""Two cells call each other on loopback: what a call goes through from INVITE to BYE."""

import time

import pytest

from voicegw.wire.messages import (
    CallAnswered,
    CallEnded,
    CallStarted,
    CellPulse,
    CellReady,
    Drain,
    HangUp,
    PlayoutEnded,
    Stop,
    WorkerWanted,
)

pytestmark = pytest.mark.calls


def test_a_call_rings_at_once_and_is_answered_when_the_worker_says_so(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    placed = phone.dial(gateway.uri, caller="+4915112345")
    assert placed.progress("ringing")["sip_status"] == 180
    wanted = gateway.wanted()
    assert (wanted.caller, wanted.callee, wanted.resumed) == ("+4915112345", "4711", False)
    agent = gateway.give_worker(wanted)
    started = agent.expect(CallStarted)
    assert (started.dialplan, started.version, started.resumed) == ("acme", 3, False)
    agent.answer()
    answered = placed.progress("answered")
    assert answered["codec"] == "PCMU"
    assert placed.end.expect(CallAnswered).codec == "PCMU"
    agent.wait_frames(25)
    placed.end.wait_frames(1)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722"])
def test_each_codec_is_negotiated_and_carries_sound_both_ways(exchange, codec, tone):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, placed = exchange.talk(gateway, phone, codec=codec)
    assert agent.expect(CallAnswered).codec == placed.end.expect(CallAnswered).codec == codec
    for speaker, listener in ((agent, placed.end), (placed.end, agent)):
        speaker.say(tone.samples(1.0))
        speaker.expect(PlayoutEnded)
        listener.wait_frames(20)
        assert tone.seconds_in(listener.heard()) == pytest.approx(1.0, abs=0.06)


def test_either_side_may_say_bye_and_each_is_told_who_it_was(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, placed = exchange.talk(gateway, phone)
    agent.wait_frames(10)
    agent.send(HangUp(reason="all done"))
    assert agent.expect(CallEnded) == CallEnded("agent", 200, "all done")
    assert placed.end.expect(CallEnded).by == "caller"
    agent, placed = exchange.talk(gateway, phone)
    agent.wait_frames(10)
    placed.end.send(HangUp())
    assert agent.expect(CallEnded).by == "caller"
    assert placed.end.expect(CallEnded).by == "agent"
    assert exchange.until(lambda: gateway.all(CellPulse)[-1].calls == 0)


def test_the_end_says_what_was_measured(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, placed = exchange.talk(gateway, phone)
    agent.wait_frames(100)
    placed.end.send(HangUp())
    facts = gateway.ended()
    assert facts["by"] == "caller"
    assert facts["sip_status"] == 200
    assert facts["rtp_sent"] == pytest.approx(100, abs=15)
    assert facts["rtp_received"] == pytest.approx(100, abs=15)
    assert facts["rtp_lost"] == 0
    assert facts["jitter_ms"] < 20
    assert (facts["gaps"], facts["workers_lost"], facts["dropped_frames"]) == (0, 0, 0)
    assert facts["late_frames"] < 30


def test_a_caller_who_gives_up_before_the_answer_is_gone(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    placed = phone.dial(gateway.uri)
    agent = gateway.take_call()
    placed.progress("ringing")
    placed.end.send(HangUp())
    ended = agent.expect(CallEnded)
    assert (ended.by, ended.sip_status) == ("caller", 487)
    assert gateway.ended()["by"] == "caller"
    assert placed.end.expect(CallEnded).by == "agent"


def test_a_caller_whose_program_is_gone_is_hung_up(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, placed = exchange.talk(gateway, phone)
    placed.end.close()
    assert agent.expect(CallEnded).by == "caller"


def test_an_unknown_number_gets_404(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    placed = phone.dial(gateway.uri)
    gateway.turn_away(404, "Nobody here")
    facts = placed.progress("ended")
    assert (facts["by"], facts["sip_status"], facts["reason"]) == ("caller", 404, "Nobody here")
    assert gateway.ended()["sip_status"] == 404


def test_no_free_worker_is_503_with_retry_after(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    phone.send_sdp("INVITE", phone.sdp())
    gateway.turn_away(503, "All agents are busy", retry_after_s=7)
    response = phone.final("1 INVITE")
    assert response.startswith("SIP/2.0 503 All agents are busy\r\n")
    assert "\r\nRetry-After: 7\r\n" in response


def test_a_supervisor_that_does_not_answer_is_503_after_three_seconds(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    phone.send_sdp("INVITE", phone.sdp())
    began = time.monotonic()
    assert phone.final("1 INVITE", timeout_s=6).startswith("SIP/2.0 503 ")
    assert time.monotonic() - began == pytest.approx(3.0, abs=0.5)


def test_a_worker_may_refuse_with_a_status_of_its_own(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    placed = phone.dial(gateway.uri)
    gateway.take_call().send(HangUp(480, "Not now"))
    assert placed.progress("ended")["sip_status"] == 480


def test_a_fifth_call_is_503_with_retry_after_and_the_first_four_go_on(exchange, raw_phone):
    gateway, phone = exchange.cell(), exchange.cell()
    most = gateway.expect(CellReady).most_calls
    talks = [exchange.talk(gateway, phone) for _ in range(most)]
    other = raw_phone(gateway)
    response = other.ask("INVITE", sdp=other.sdp())
    assert response.startswith("SIP/2.0 503 ")
    assert "\r\nRetry-After: " in response
    talks[0][1].end.send(HangUp())
    talks[0][0].expect(CallEnded)
    assert other.talk(gateway).expect(CallAnswered)
    for agent, _ in talks[1:]:
        agent.wait_frames(5)


def test_a_draining_cell_keeps_its_calls_and_takes_no_new_ones(exchange, raw_phone):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, _ = exchange.talk(gateway, phone)
    other = raw_phone(gateway)
    assert other.ask("OPTIONS").startswith("SIP/2.0 200 ")
    gateway.send(Drain())
    exchange.pass_time(0.1)
    for method, sdp in (("INVITE", other.sdp()), ("OPTIONS", None)):
        other.new_call()
        response = other.ask(method, sdp=sdp)
        assert response.startswith("SIP/2.0 503 ")
        assert "\r\nRetry-After: " in response
    agent.wait_frames(10)


def test_context_headers_come_with_the_call_and_go_with_a_placed_one(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    phone.dial(gateway.uri, headers={"X-Order": "4567", "User-to-User": "3132;encoding=hex", "Subject": "no"})
    wanted = gateway.wanted()
    assert wanted.headers == {"X-Order": "4567", "User-to-User": "3132;encoding=hex"}
    assert gateway.give_worker(wanted).expect(CallStarted).headers == wanted.headers


@pytest.mark.parametrize(
    ("uri", "codec"),
    [("not a uri", ""), ("sip:", ""), ("mailto:a@b", ""), ("sip:x@127.0.0.1:99999", ""), ("sip:x@127.0.0.1", "OPUS")],
)
def test_what_cannot_be_dialled_ends_at_once(exchange, uri, codec):
    phone = exchange.cell()
    placed = phone.dial(uri, codec=codec)
    assert placed.progress("ended")["by"] == "network"
    assert placed.end.expect(CallEnded).by == "network"


def test_a_busy_port_is_named_with_what_to_do(exchange):
    first = exchange.cell()
    second = exchange.cell("--port", str(first.port))
    assert second.process.wait(10) == 2
    (line,) = second.log_lines()
    assert f"127.0.0.1:{first.port}" in line
    assert "--sip-port" in line


def test_stop_hangs_up_and_ends_the_process(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, placed = exchange.talk(gateway, phone)
    gateway.send(Stop())
    assert placed.end.expect(CallEnded).by == "caller"
    assert agent.expect(CallEnded).by == "network"
    assert gateway.process.wait(5) == 0


def test_a_cell_without_supervisor_hangs_up_and_ends(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    _, placed = exchange.talk(gateway, phone)
    gateway.close()
    assert placed.end.expect(CallEnded).by == "caller"
    assert gateway.process.wait(5) == 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--host", "192.0.2.77"), "192.0.2.77"),
        (("--host", "nohost.invalid"), "nohost.invalid"),
        (("--public-host", "nohost.invalid"), "nohost.invalid"),
        (("--codecs", "PCMU,OPUS"), "OPUS"),
    ],
)
def test_options_that_cannot_work_are_one_line_and_exit_code_2(exchange, options, named):
    cell = exchange.cell(*options)
    assert cell.process.wait(10) == 2
    (line,) = cell.log_lines()
    assert named in line


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--host", "0.0.0.0", "--public-host", "203.0.113.7"), "203.0.113.7"),
        (("--public-host", "localhost"), "127.0.0.1"),
    ],
)
def test_the_public_address_is_what_phones_are_told(exchange, raw_phone, options, told):
    gateway = exchange.cell(*options)
    phone = raw_phone(gateway)
    phone.talk(gateway)
    answer = next(text for text in phone.got if "m=audio " in text)
    assert f"c=IN IP4 {told}\r\n" in answer
    assert f"Contact: <sip:voicegw@{told}:{gateway.port}>" in answer


def test_rtp_ports_are_those_of_the_options(exchange, raw_phone):
    gateway = exchange.cell("--rtp-port", "31400")
    phone = raw_phone(gateway)
    phone.talk(gateway)
    assert 31_400 <= phone.their_rtp_port() < 31_420


def test_a_call_that_is_cancelled_in_the_same_breath_is_told_of(exchange, raw_phone):
    """Both may be read at once: by the time that anybody looks at the call it is over."""
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    for _ in range(8):
        phone.new_call()
        invite = phone.request("INVITE", "Content-Type: application/sdp\r\n", phone.sdp())
        cancel = phone.request("CANCEL")
        phone.send(invite)
        phone.send(cancel)
        exchange.pass_time(0.15)
    exchange.until(lambda: len(gateway.all(WorkerWanted)) == 8)
    wanted = gateway.all(WorkerWanted)
    assert len(wanted) == 8
    for call in wanted:
        facts = gateway.ended(call.call_id)
        assert (facts["by"], facts["sip_status"]) == ("caller", 487)
