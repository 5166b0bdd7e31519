"""Facts of a call join to the same row in any order, however often they come."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicegw.outcomes.columns import call_from_columns, call_to_columns, turn_from_columns, turn_to_columns
from voicegw.outcomes.history import History, disposition, from_row, to_row
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    Fact,
    FactRefused,
    TurnTaken,
    Waterfall,
    WorkerReplaced,
)

CALL = "3f2a91c0"
OPENED = CallOpened(CALL, 100.0, "+15551234567", "100", "acme-orders", 3)
PICKED_UP = CallPickedUp(CALL, 100.1, setup_ms=31.0, codec="PCMU")
GREETING = TurnTaken(CALL, 0, 100.3, "", "Hello!", decided_by="greeting")
TURN = TurnTaken(CALL, 1, 104.0, "where is my order", "It is on its way.", waterfall=Waterfall(900.0, 1080.0))
CONCLUDED = CallConcluded(CALL, 120.0, "completed", "order_status", {"order_number": "4567"})
LOST = WorkerReplaced(CALL, 110.0, hung=False)


def closed(by: str = "caller", status: int = 200, at: float = 121.0, **media: float) -> CallClosed:
    return CallClosed(CALL, at, by, status, "bye", media)


def history(*facts: Fact) -> History:
    return History(CALL).joined(facts)


def test_a_call_that_is_up_has_no_disposition() -> None:
    assert disposition(history(OPENED, PICKED_UP, GREETING)) is None


def test_the_workers_word_on_how_it_went_stands() -> None:
    assert disposition(history(OPENED, PICKED_UP, CONCLUDED, closed("network", 408))) == "completed"


def test_a_caller_who_hangs_up_in_the_greeting_abandoned_the_call() -> None:
    assert disposition(history(OPENED, PICKED_UP, GREETING, closed("caller", rtp_received=40.0))) == "abandoned"


def test_a_caller_who_gives_up_while_it_rings_abandoned_the_call() -> None:
    assert disposition(history(OPENED, closed("network", 487))) == "abandoned"
    assert disposition(history(OPENED, closed("caller", 0))) == "abandoned"


@pytest.mark.parametrize("status", [404, 488, 503, 603])
def test_a_call_turned_away_before_answer_was_refused(status: int) -> None:
    assert disposition(history(OPENED, closed("agent", status))) == "refused"


def test_a_call_whose_worker_was_killed_failed() -> None:
    assert disposition(history(OPENED, PICKED_UP, GREETING, LOST, closed("caller"))) == "failed"


def test_a_call_where_media_never_arrived_failed_whoever_ended_it() -> None:
    assert disposition(history(OPENED, PICKED_UP, closed("agent", 200, rtp_received=0.0))) == "failed"
    assert disposition(history(OPENED, PICKED_UP, closed("caller", 200, rtp_received=0.0))) == "failed"


def test_a_call_that_ends_neither_answered_nor_refused_failed() -> None:
    assert disposition(history(OPENED, closed("network", 0))) == "failed"


def test_a_call_that_nobody_saw_end_failed() -> None:
    assert disposition(history(OPENED, PICKED_UP, TURN, closed("recovery", 0))) == "failed"


def test_a_disposition_that_is_none_of_ours_is_not_taken() -> None:
    made_up = replace(CONCLUDED, disposition="wonderful")
    assert disposition(history(OPENED, PICKED_UP, made_up, closed("caller"))) == "abandoned"


def test_the_true_end_takes_the_place_of_recovery_whichever_comes_later() -> None:
    true_end, recovered = closed("caller", at=121.0), closed("recovery", 0, at=500.0)
    for facts in ([true_end, recovered], [recovered, true_end]):
        assert history(*facts).closed == true_end


def test_a_call_whose_beginning_was_never_told_began_with_the_first_thing_known() -> None:
    assert to_row(history(TURN, CONCLUDED)).began_at == TURN.at
    assert to_row(history(TURN, OPENED)).began_at == OPENED.at


def test_the_later_of_two_tellings_of_a_turn_stands() -> None:
    again = replace(TURN, at=TURN.at + 1, agent_text="It")
    assert history(again, TURN).turns[1] == again


def test_text_that_no_database_holds_is_made_to_fit() -> None:
    turn = history(replace(TURN, caller_text="a\0b\ud800c")).turns[1]
    assert turn.caller_text == "a\ufffdb?c"


def test_a_fact_without_a_time_is_refused() -> None:
    with pytest.raises(FactRefused, match="no time"):
        history(replace(OPENED, at=float("nan")))


def test_a_measurement_that_has_no_column_is_dropped_and_the_others_stay() -> None:
    row = to_row(history(closed(rtp_sent=5.0, jitter_ms=1.25, mos=4.1, rtp_lost=float("nan"))))
    assert (row.rtp_sent, row.jitter_ms, row.rtp_lost) == (5, 1.25, None)


texts = st.text(max_size=6)
times = st.sampled_from([1.0, 2.0, 3.5])  # few, so that facts compete
waterfalls = st.builds(Waterfall, *[st.none() | st.floats(0, 9e5)] * 7)
facts_of_a_call = st.one_of(
    st.builds(CallOpened, st.just(CALL), times, texts, texts, texts, st.integers(0, 3), st.integers(0, 3)),
    st.builds(CallPickedUp, st.just(CALL), times, st.floats(0, 1e4), texts),
    st.builds(
        TurnTaken,
        st.just(CALL),
        st.integers(0, 2),
        times,
        texts,
        texts,
        confidence=st.none() | st.floats(0, 1),
        interrupted=st.booleans(),
        waterfall=waterfalls,
    ),
    st.builds(
        CallConcluded,
        st.just(CALL),
        times,
        st.sampled_from(["completed", "failed", "?"]),
        texts,
        st.dictionaries(texts, texts, max_size=2),
    ),
    st.builds(WorkerReplaced, st.just(CALL), times, st.booleans()),
    st.builds(
        CallClosed,
        st.just(CALL),
        times,
        st.sampled_from(["caller", "agent", "network", "recovery"]),
        st.sampled_from([0, 200, 404, 487]),
        texts,
        st.dictionaries(st.sampled_from(["rtp_sent", "rtp_received", "jitter_ms", "mos"]), st.floats(0, 1e6)),
    ),
)


@given(st.lists(facts_of_a_call, min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_any_order_and_repetition_of_facts_gives_the_same_history(facts: list[Fact], chance: object) -> None:
    expected = history(*facts)
    shuffled = facts + chance.choices(facts, k=len(facts))  # type: ignore[attr-defined]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert history(*shuffled) == expected


@given(st.lists(facts_of_a_call, max_size=8), st.lists(facts_of_a_call, max_size=4))
@settings(max_examples=300, deadline=None)
def test_a_history_comes_back_from_its_rows_and_goes_on_as_if_it_had_never_left(
    before: list[Fact], after: list[Fact]
) -> None:
    whole = history(*before, *after)
    stored = history(*before)
    columns = [turn_to_columns(turn) for turn in stored.turns.values()]
    row = call_from_columns(call_to_columns(to_row(stored)))
    back = from_row(row, [turn_from_columns(turn) for turn in columns])
    assert back == stored
    assert back.joined(after) == whole
