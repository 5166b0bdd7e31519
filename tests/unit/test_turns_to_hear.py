"""Who is heard next, where callers share engines."""

import threading

from voicegw.engines.turns_to_hear import TurnsToHear


def test_callers_who_wait_go_before_those_who_still_speak_each_in_their_order() -> None:
    turns = TurnsToHear[str]()
    turns.put(1, "first ahead", ahead=True)
    turns.put(2, "second ahead", ahead=True)
    turns.put(3, "first", ahead=False)
    turns.put(4, "second", ahead=False)
    assert [turns.take() for _ in range(4)] == ["first", "second", "first ahead", "second ahead"]


def test_what_is_given_up_is_never_taken_and_what_was_taken_cannot_be_given_up() -> None:
    turns = TurnsToHear[str]()
    turns.put(1, "one", ahead=True)
    turns.put(2, "two", ahead=False)
    assert turns.give_up(1) == "one"
    assert turns.give_up(1) is None
    assert turns.take() == "two"
    assert turns.give_up(2) is None


def test_an_engine_waits_until_somebody_is_to_be_heard() -> None:
    turns, taken = TurnsToHear[str](), list[str]()
    engine = threading.Thread(target=lambda: taken.append(turns.take()))
    engine.start()
    turns.put(1, "one", ahead=False)
    engine.join(10)
    assert taken == ["one"]
