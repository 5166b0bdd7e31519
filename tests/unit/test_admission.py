"""The overload ladder, on virtual time."""

from collections.abc import Iterable

from voicegw.call.easing import Easing
from voicegw.gateway.admission import HOLD_S, LATE_MS, RETRY_AFTER_S, Admission


def steps(admission: Admission, looks: Iterable[tuple[int, float]], began: float = 0.0) -> list[Easing]:
    """The steps in force after each look, one a second."""
    found = []
    for second, (calls, late_ms) in enumerate(looks):
        admission.look(calls, late_ms, began + second)
        found.append(admission.load.easing)
    return found


def test_each_step_is_taken_where_the_machine_is_that_full() -> None:
    found = steps(Admission(20), [(calls, 0.0) for calls in (10, 17, 18, 19, 20, 21, 25, 26)])
    assert found == [
        Easing.NOTHING, Easing.NOTHING, Easing.SPECULATION, Easing.SPECULATION, Easing.REASONING, Easing.HEARING,
        Easing.HEARING, Easing.CALLS,
    ]  # fmt: skip


def test_steps_are_taken_back_one_by_one_and_not_at_once() -> None:
    admission = Admission(20)
    steps(admission, [(26, 0.0)])
    found = steps(admission, [(5, 0.0)] * 60, began=1)
    assert found[: int(HOLD_S)] == [Easing.CALLS] * int(HOLD_S)
    assert list(dict.fromkeys(found)) == [
        Easing.CALLS, Easing.HEARING, Easing.REASONING, Easing.SPECULATION, Easing.NOTHING,
    ]  # fmt: skip


def test_load_that_sways_around_a_step_does_not_sway_the_agent() -> None:
    found = steps(Admission(20), [(18, 0.0), (17, 0.0)] * 30)
    assert set(found) == {Easing.SPECULATION}


def test_sound_that_comes_late_eases_a_machine_that_nobody_has_measured() -> None:
    admission = Admission(0)
    assert steps(admission, [(9, LATE_MS + 1)] * 2) == [Easing.NOTHING] * 2, "not for a moment's lateness"
    found = steps(admission, [(9, LATE_MS + 1)] * 30, began=2)
    assert found[-1] is Easing.CALLS
    assert not admission.admits(9)
    assert steps(admission, [(9, 1.0)] * 60, began=32)[-1] is Easing.NOTHING
    assert admission.admits(9)


def test_a_rush_between_two_looks_finds_the_door_closed() -> None:
    admission = Admission(8)
    admission.look(0, 0.0, 0.0)
    assert [admission.admits(calls) for calls in (0, 8, 9, 10, 50)] == [True, True, True, False, False]
    assert [admission.easing_of_new(calls) for calls in (0, 7, 8)] == [
        Easing.NOTHING, Easing.REASONING, Easing.HEARING,
    ]  # fmt: skip
    assert admission.load.turned_away == 2


def test_callers_who_are_turned_away_do_not_come_back_together() -> None:
    admission = Admission(1)
    told = []
    for _ in range(12):
        admission.admits(9)
        told.append(admission.retry_after_s)
    assert len(set(told)) > 6
    assert all(RETRY_AFTER_S[0] <= seconds < RETRY_AFTER_S[1] for seconds in told)


def test_a_change_is_told_once() -> None:
    admission = Admission(10)
    assert [admission.look(9, 0.0, second) for second in range(3)] == [Easing.SPECULATION, None, None]
