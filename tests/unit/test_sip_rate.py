"""How many attempts a cell lets through to PJSIP."""

from voicegw.sip.rate import HANDLE_FREED_AFTER_S, MEDIA_HANDLES, SOCKETS_PER_CALL, RateGuard


def test_attempts_over_the_limit_are_refused_until_the_window_has_passed():
    guard = RateGuard(2, 0.5)
    assert [guard.admits(at) for at in (0.0, 0.1, 0.2, 0.45)] == [True, True, False, False]
    assert guard.admits(0.5)
    assert not guard.admits(0.55)
    assert guard.admits(0.61)


def test_refused_attempts_do_not_count_or_a_flood_would_close_the_door_for_good():
    guard = RateGuard(1, 0.5)
    assert guard.admits(0.0)
    assert not any(guard.admits(0.01 * n) for n in range(1, 50))
    assert guard.admits(0.5)


def test_running_calls_and_a_full_window_together_stay_under_pjsips_limit():
    for most_calls in (4, 16):
        guard = RateGuard.for_calls(most_calls)
        assert (guard.most + most_calls) * SOCKETS_PER_CALL < MEDIA_HANDLES
        assert guard.window_s > HANDLE_FREED_AFTER_S


def test_a_build_that_holds_more_calls_than_handles_still_takes_one_at_a_time():
    assert RateGuard.for_calls(1000).admits(0.0)
