"""A call from the browser is compared with one by phone, turn by turn that was answered."""

from voicegw.qa.browser.bench import figures
from voicegw.qa.ruler import Line, Turn
from voicegw.qa.spans import Span


def turns(*latencies_ms: float | None) -> list[Turn]:
    return [Turn(Line("hi", Span(0, 8000)), Span(0, 8000), latency_ms) for latency_ms in latencies_ms]


def values(by_phone: list[Turn], from_browser: list[Turn]) -> dict[str, tuple[float | None, bool]]:
    return {figure.name.split(": ")[1]: (figure.value, figure.meets) for figure in figures(by_phone, from_browser)}


def test_the_middle_turns_are_compared_and_those_without_an_answer_counted():
    found = values(turns(300, 400, 500), turns(350, None, 460, 700))
    assert found["more than by SIP, p50"] == (60, True)
    assert found["turns that were answered"] == (3, False)
    assert values(turns(300), turns(381))["more than by SIP, p50"] == (81, False)


def test_a_call_in_which_nothing_was_answered_misses_its_target():
    assert values(turns(300), turns(None))["more than by SIP, p50"] == (None, False)
