"""A worker may die or hang: the caller stays on the line and another goes on."""

import pytest

from voicegw.wire.messages import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallOrdered,
    CallStarted,
    HangUp,
    Heartbeat,
    PlayoutEnded,
    PlayoutStarted,
    Speech,
    WorkerLost,
)

pytestmark = pytest.mark.calls


def test_a_worker_that_dies_is_replaced_while_the_caller_stays(exchange, tone):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, placed = exchange.talk(gateway, phone)
    agent.say(tone.samples(30))
    agent.wait_frames(10)
    agent.close()
    lost = gateway.expect(WorkerLost)
    assert (lost.worker, lost.hung) == (1, False)
    wanted = gateway.wanted()
    assert wanted.resumed
    second = gateway.give_worker(wanted)
    assert second.expect(CallStarted).resumed
    assert second.expect(CallAnswered).at_ms > 0
    assert second.say(tone.samples(0.2)) == 1, "a new worker counts its utterances from the start"
    assert second.expect(PlayoutEnded).complete
    assert not placed.end.all(CallEnded)
    placed.end.send(HangUp())
    assert gateway.ended()["workers_lost"] == 1


def test_the_caller_hears_a_soft_sound_until_the_next_worker_speaks(exchange, tone):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, placed = exchange.talk(gateway, phone)
    agent.close()
    gateway.expect(WorkerLost)
    placed.end.wait_frames(60)
    waiting = abs(placed.end.heard()[-40 * 160 :])
    assert 100 < waiting.max() < 1500, "soft, and not silence"
    second = gateway.take_call()
    second.expect(CallAnswered)
    second.say(tone.samples(0.5))
    second.expect(PlayoutEnded)
    placed.end.wait_frames(10)
    heard_before = len(placed.end.heard())
    placed.end.wait_frames(100)
    assert abs(placed.end.heard()[heard_before:]).max() < 50, "it does not begin again"


def test_the_caller_hears_silence_and_not_half_a_sentence_while_nobody_has_the_call(exchange, tone):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, placed = exchange.talk(gateway, phone)
    agent.say(tone.samples(30))
    placed.end.wait_frames(50)
    agent.close()
    gateway.expect(WorkerLost)
    placed.end.wait_frames(15)
    heard_before = len(placed.end.heard())
    placed.end.wait_frames(25)
    assert tone.seconds_in(placed.end.heard()[heard_before:]) == 0


def test_a_worker_that_hangs_is_replaced_and_may_not_speak_any_more(exchange):
    gateway, phone = exchange.cell("--worker-hang", "0.6"), exchange.cell()
    agent, placed = exchange.talk(gateway, phone)
    agent.wait_frames(50)
    agent.beats = False
    lost = gateway.expect(WorkerLost)
    assert lost.hung
    assert exchange.until(lambda: agent.closed), "its link is closed"
    second = gateway.take_call()
    second.wait_frames(5)
    assert not placed.end.all(CallEnded)


def test_a_worker_has_time_for_its_first_beat(exchange):
    gateway, phone = exchange.cell("--worker-hang", "0.5"), exchange.cell()
    phone.dial(gateway.uri)
    agent = gateway.give_worker(gateway.wanted(), beats=False)
    exchange.pass_time(1.5)
    assert not gateway.all(WorkerLost)
    agent.send(Heartbeat())
    gateway.expect(WorkerLost, timeout_s=2.0)


def test_a_worker_lost_before_the_answer_is_replaced_by_one_that_answers(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    placed = phone.dial(gateway.uri)
    gateway.take_call().close()
    wanted = gateway.wanted()
    assert not wanted.resumed
    gateway.give_worker(wanted).answer()
    placed.progress("answered")


def test_the_third_lost_worker_ends_the_call(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, placed = exchange.talk(gateway, phone)
    for _ in range(2):
        agent.close()
        agent = gateway.take_call()
        agent.expect(CallAnswered)
    agent.close()
    facts = gateway.ended()
    assert (facts["by"], facts["reason"], facts["workers_lost"]) == ("network", "workers kept failing", 3)
    assert placed.end.expect(CallEnded).by == "caller"


def test_no_worker_for_a_call_that_lost_its_own_ends_it(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, _ = exchange.talk(gateway, phone)
    agent.close()
    gateway.turn_away(503, "all workers are taken")
    assert gateway.ended()["by"] == "network"


def test_a_worker_that_writes_nonsense_is_lost_and_nothing_else(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    first, _ = exchange.talk(gateway, phone)
    second, _ = exchange.talk(gateway, phone)
    first.link.sock.send(b"\xff nonsense")
    assert gateway.expect(WorkerLost).worker == 1
    second.wait_frames(25)


def test_a_worker_that_floods_does_not_hold_up_the_other_calls(exchange, tone):
    gateway, phone = exchange.cell(), exchange.cell()
    flooding, _ = exchange.talk(gateway, phone)
    other, other_placed = exchange.talk(gateway, phone)
    for _ in range(200):
        flooding.link.send(Speech(1, bytes(160_000)))
        exchange.pass_time(0.01)
    other.say(tone.samples(0.5))
    started = other.expect(PlayoutStarted)
    assert other.expect(PlayoutEnded).at_ms - started.at_ms == 500
    other_placed.end.send(HangUp())


def test_a_worker_that_takes_over_on_hold_is_told_so(exchange, raw_phone):
    gateway = exchange.cell()
    phone = raw_phone(gateway)
    agent = phone.talk(gateway)
    phone.ask("INVITE", sdp=phone.sdp("a=sendonly\r\n"))
    agent.expect(CallHeld)
    agent.close()
    second = gateway.take_call()
    second.expect(CallAnswered)
    second.expect(CallHeld)
    exchange.pass_time(0.2)
    assert not second.frames()


def test_a_person_who_is_ordered_while_it_rings_is_told_to_the_worker_that_takes_the_call(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    phone.dial(gateway.uri)
    wanted = gateway.wanted()
    gateway.send(CallOrdered(wanted.call_id, "hand_over"))
    exchange.pass_time(0.1)
    agent = gateway.give_worker(wanted)
    agent.expect(CallStarted)
    assert agent.expect(CallOrdered).deed == "hand_over"


def test_a_call_is_hung_up_from_the_console_with_a_worker_or_without(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, _ = exchange.talk(gateway, phone)
    gateway.send(CallOrdered(agent.expect(CallStarted).call_id, "hang_up"))
    assert agent.expect(CallEnded).reason == "hung up from the console"
    phone.dial(gateway.uri)
    wanted = gateway.wanted()
    gateway.send(CallOrdered(wanted.call_id, "hang_up"))
    facts = gateway.ended(wanted.call_id)
    assert (facts["by"], facts["reason"]) == ("agent", "hung up from the console")
