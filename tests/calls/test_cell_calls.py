"""Two cells call each other on loopback: what a call goes through from INVITE to BYE."""

import pytest

from voicegw.wire.messages import CallAnswered, CallStarted

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
