"""A person is called while the caller waits: asked in, turned away, gone, or left alone by the caller."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from voicegw.wire.messages import (
    AnswerCall,
    CallAnswered,
    CallEnded,
    CallProgressed,
    CallStarted,
    DigitPressed,
    Frame,
    HangUp,
    JoinPerson,
    SendDigits,
    WorkerLost,
)

pytestmark = pytest.mark.calls


@dataclass(frozen=True)
class Them:
    """A caller who talks with the agent, and a person who is called on the caller's behalf."""

    gateway: Any
    agent: Any
    """The worker's end of the call."""
    placed: Any
    """The caller's."""
    briefing: Any
    """The worker's end of the call to the person."""
    person: Any


@pytest.fixture
def three(exchange) -> Callable[..., Them]:
    def made(**values: Any) -> Them:
        gateway, phone, desk = exchange.cell(), exchange.cell(), exchange.cell()
        agent, placed = exchange.talk(gateway, phone)
        briefing = exchange.consult(agent, desk.uri, **values)
        person = desk.give_worker(desk.wanted())
        person.expect(CallStarted)
        return Them(gateway, agent, placed, briefing, person)

    return made


def test_the_person_hears_the_briefing_and_nothing_of_the_caller(three, tone, exchange):
    them = three(headers={"X-Voicegw-Context": "k3y"})
    assert them.person.expect(CallStarted).headers["X-Voicegw-Context"] == "k3y"
    them.person.answer()
    them.briefing.expect(CallAnswered)
    them.placed.end.say(tone.samples(3))
    them.briefing.say(tone.samples(0.5))
    them.person.wait_frames(75)
    assert 0.4 < tone.seconds_in(them.person.heard()) < 0.6
    assert tone.seconds_in(them.agent.heard()) > 0.5, "the caller is still heard by the agent"
    them.person.send(SendDigits("1"))
    them.briefing.expect(DigitPressed, digit="1")
    assert not them.gateway.all(WorkerLost)
    assert len([m for m in them.gateway.all(CallProgressed) if m.state == "answered"]) == 1


def test_once_joined_both_hear_each_other_without_any_worker(three, tone, exchange):
    them = three()
    them.person.answer()
    them.briefing.expect(CallAnswered)
    them.agent.send(JoinPerson())
    assert them.agent.expect(CallEnded).transfer == "confirmed"
    assert them.briefing.expect(CallEnded).transfer == "confirmed"
    assert exchange.until(lambda: them.agent.closed and them.briefing.closed)
    them.placed.end.say(tone.samples(0.6))
    them.person.wait_frames(75)
    them.person.say(tone.samples(0.4))
    them.placed.end.wait_frames(75)
    assert 0.5 < tone.seconds_in(them.person.heard()) < 0.7
    assert 0.3 < tone.seconds_in(them.placed.end.heard()) < 0.5
    assert not them.gateway.all(WorkerLost)
    them.placed.end.send(HangUp())
    assert them.person.expect(CallEnded).by == "caller"
    facts = them.gateway.ended()
    assert (facts["by"], facts["transfer"]) == ("caller", "confirmed")


def test_a_person_who_hangs_up_ends_a_joined_call(three):
    them = three()
    them.person.answer()
    them.briefing.expect(CallAnswered)
    them.agent.send(JoinPerson())
    them.briefing.expect(CallEnded)
    them.person.send(HangUp())
    them.placed.end.expect(CallEnded)
    assert them.gateway.ended()["reason"] == "the person hung up"


@pytest.mark.parametrize("answered", [False, True], ids=["ringing", "in the briefing"])
def test_a_caller_who_hangs_up_leaves_no_phone_ringing_and_nobody_briefed(three, answered, exchange):
    them = three()
    if answered:
        them.person.answer()
        them.briefing.expect(CallAnswered)
    them.placed.end.send(HangUp())
    assert them.agent.expect(CallEnded).by == "caller"
    assert them.person.expect(CallEnded).by == "caller"
    them.briefing.expect(CallEnded)
    assert len([m for m in them.gateway.all(CallProgressed) if m.state == "ended"]) == 1


def test_a_worker_that_dies_leaves_no_phone_ringing_and_the_caller_on_the_line(three, exchange):
    them = three()
    them.briefing.close()
    them.agent.close()
    them.person.expect(CallEnded)
    second = them.gateway.take_call()
    assert second.got[0].resumed
    assert not second.got[0].transferring
    assert not them.placed.end.all(CallEnded)


@pytest.mark.parametrize("status", [486, 603])
def test_a_person_who_refuses_is_told_with_the_reason(three, status):
    them = three()
    them.person.send(HangUp(status, "no"))
    ended = them.briefing.expect(CallEnded)
    assert (ended.by, ended.sip_status) == ("caller", status)
    them.agent.wait_frames(10)


def test_nobody_answers_in_time(three):
    them = three(ring_timeout_s=4.0)
    ended = them.briefing.expect(CallEnded, 10.0)
    assert (ended.by, ended.reason) == ("agent", "nobody answered")
    assert them.person.expect(CallEnded).by == "caller"
    them.agent.wait_frames(10)


def test_a_briefing_that_is_broken_off_hangs_up(three):
    them = three()
    them.person.answer()
    them.briefing.expect(CallAnswered)
    them.briefing.close()
    them.person.expect(CallEnded)
    them.agent.wait_frames(10)


def test_joining_before_the_person_has_answered_does_nothing(three):
    them = three()
    them.agent.send(JoinPerson())
    them.agent.wait_frames(10)
    assert not them.agent.all(CallEnded)


def test_a_person_takes_one_of_the_cells_lines(exchange):
    gateway, phone, desk = exchange.cell(), exchange.cell(), exchange.cell()
    agents = [exchange.talk(gateway, phone)[0] for _ in range(3)]
    first = exchange.consult(agents[0], desk.uri)
    person = desk.give_worker(desk.wanted())
    person.expect(CallStarted)
    person.send(AnswerCall())
    first.expect(CallAnswered)
    other_phone = exchange.cell()
    refused = other_phone.dial(gateway.uri)
    assert refused.progress("ended")["sip_status"] == 503
    second = exchange.consult(agents[1], desk.uri)
    ended = second.expect(CallEnded)
    assert (ended.by, ended.sip_status) == ("network", 503)
    agents[1].wait_frames(10)


def test_what_is_no_address_cannot_be_consulted(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, _ = exchange.talk(gateway, phone)
    assert exchange.consult(agent, "nobody knows").expect(CallEnded).by == "network"
    agent.wait_frames(10)


def test_a_joined_caller_on_hold_comes_back_to_the_person(exchange, raw_phone, tone):
    gateway, desk = exchange.cell(), exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    briefing = exchange.consult(agent, desk.uri)
    person = desk.give_worker(desk.wanted())
    person.expect(CallStarted)
    person.answer()
    briefing.expect(CallAnswered)
    agent.send(JoinPerson())
    agent.expect(CallEnded)
    assert phone.ask("INVITE", sdp=phone.sdp("a=sendonly\r\n")).startswith("SIP/2.0 200")
    assert phone.ask("INVITE", sdp=phone.sdp()).startswith("SIP/2.0 200")
    frames = len(person.all(Frame))
    person.wait_frames(25)
    assert len(person.all(Frame)) > frames
    phone.ask("BYE")
    person.expect(CallEnded)
