"""The overload ladder, on virtual time."""

from collections.abc import Iterable

from voicegw.call.easing import Easing
from voicegw.gateway.admission import HOLD_S, LATE_MS, RETRY_AFTER_S, Admission, Talking, WayIn


def steps(admission: Admission, looks: Iterable[tuple[int, float]], began: float = 0.0) -> list[Easing]:
    """The steps in force after each look, one a second, at so many conversations and so late."""
    found = []
    for second, (calls, late_ms) in enumerate(looks):
        admission.look(Talking(calls), late_ms, began + second)
        found.append(admission.load.easing)
    return found


def let_in(admission: Admission, callers: int) -> Talking:
    """So many callers, one after another, and nobody leaves."""
    talking = Talking()
    for _ in range(callers):
        way = admission.way_in(talking)
        if way is WayIn.CONVERSATION:
            talking = Talking(talking.conversations + 1, talking.by_keys)
        elif way is WayIn.KEYS:
            talking = Talking(talking.conversations, talking.by_keys + 1)
    return talking


def test_nothing_is_left_out_up_to_the_capacity_and_step_by_step_beyond() -> None:
    found = steps(Admission(20), [(calls, 0.0) for calls in (10, 20, 21, 22)])
    assert found == [Easing.NOTHING, Easing.NOTHING, Easing.SPECULATION, Easing.REASONING]


def test_steps_are_taken_back_one_by_one_and_not_at_once() -> None:
    admission = Admission(20)
    steps(admission, [(22, 0.0)])
    found = steps(admission, [(5, 0.0)] * 60, began=1)
    assert found[: int(HOLD_S)] == [Easing.REASONING] * int(HOLD_S)
    assert list(dict.fromkeys(found)) == [Easing.REASONING, Easing.SPECULATION, Easing.NOTHING]


def test_load_that_sways_around_a_step_does_not_sway_the_agent() -> None:
    assert set(steps(Admission(20), [(21, 0.0), (20, 0.0)] * 30)) == {Easing.SPECULATION}


def test_a_rush_fills_the_machine_with_conversations_then_with_callers_by_keys_then_nobody_comes_in() -> None:
    admission = Admission(20)
    assert let_in(admission, 60) == Talking(20, 8)
    assert admission.load.turned_away == 60 - 28


def test_where_no_menu_is_wanted_a_full_machine_turns_callers_away() -> None:
    assert let_in(Admission(20, menu=False), 60) == Talking(20, 0)


def test_under_lasting_overload_a_place_that_becomes_free_is_a_conversation_again() -> None:
    admission = Admission(20, menu=False)
    assert admission.way_in(Talking(20)) is WayIn.NONE
    assert admission.way_in(Talking(19)) is WayIn.CONVERSATION
    assert Admission(20).way_in(Talking(19, 3)) is WayIn.KEYS, "callers by keys take some of the room"


def test_sound_that_comes_late_eases_a_machine_that_nobody_has_measured() -> None:
    admission = Admission(0)
    assert steps(admission, [(9, LATE_MS + 1)] * 2) == [Easing.NOTHING] * 2, "not for a moment's lateness"
    found = steps(admission, [(9, LATE_MS + 1)] * 30, began=2)
    assert list(dict.fromkeys(found))[-4:] == [Easing.SPECULATION, Easing.REASONING, Easing.HEARING, Easing.CALLS]
    assert admission.way_in(Talking(9)) is WayIn.NONE
    later = steps(admission, [(9, 1.0)] * 60, began=32)
    assert list(dict.fromkeys(later))[-4:] == [Easing.HEARING, Easing.REASONING, Easing.SPECULATION, Easing.NOTHING]
    assert admission.way_in(Talking(9)) is WayIn.CONVERSATION


def test_before_callers_are_turned_away_for_lateness_they_get_keys() -> None:
    admission = Admission(0)
    second = 0
    while admission.load.easing < Easing.HEARING:
        admission.look(Talking(9), LATE_MS + 1, float(second))
        second += 1
    assert admission.way_in(Talking(9)) is WayIn.KEYS


def test_callers_who_are_turned_away_do_not_come_back_together() -> None:
    admission = Admission(1)
    told = []
    for _ in range(12):
        admission.way_in(Talking(9))
        told.append(admission.retry_after_s)
    assert len(set(told)) > 6
    assert all(RETRY_AFTER_S[0] <= seconds < RETRY_AFTER_S[1] for seconds in told)


def test_a_change_is_told_once() -> None:
    admission = Admission(10)
    told = [admission.look(Talking(10, 2), 0.0, float(second)) for second in range(3)]
    assert told == [Easing.SPECULATION, None, None]
