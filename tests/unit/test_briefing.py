"""A person is told who wants them and why, and asked; without a clear yes the caller is not put through."""

from functools import partial
from pathlib import Path

import pytest

from voicegw.call.briefing import MOST_ASKS, Briefing, words_of
from voicegw.call.commands import Hangup, Listen, Say, Transfer
from voicegw.call.events import CallBegan, CallerHungUp, DigitPressed, SilenceLasted, TranscriptFinal
from voicegw.dialplan import files
from voicegw.nlu.languages import LANGUAGES
from voicegw.worker import person

PLAN = files.load(Path(__file__).parent.parent.parent / "dialplans" / "acme-orders.yaml")[0]
read_yes_no = partial(person.read_yes_no, LANGUAGES["en"])
WORDS = words_of(PLAN, caller="+15550123", title="a refund", reason="a refund was refused")


@pytest.fixture
def briefing() -> Briefing:
    made = Briefing(WORDS, read_yes_no)
    made.on(CallBegan(), 0.0)
    return made


def kinds(commands):
    return [type(command) for command in commands]


def test_the_person_hears_who_what_for_and_why_and_is_asked():
    said, ask, listen = Briefing(WORDS, read_yes_no).on(CallBegan(), 0.0)
    assert "5 5 5" in said.text or "555" in said.text
    assert "a refund." in said.text
    assert "a refund was refused" in said.text
    assert said.interruptible == "keys", "a hello does not cut it short"
    assert "Press 1" in ask.text
    assert listen.expecting.kind == "yes_no"


def test_a_caller_without_a_number_is_still_announced():
    words = words_of(PLAN, caller="anonymous", title="", reason="was not understood")
    assert "anonymous" not in words.brief
    assert "I have a caller for you." in words.brief


@pytest.mark.parametrize(
    "event", [DigitPressed("1"), TranscriptFinal("yes, put them through"), TranscriptFinal("sure")]
)
def test_a_yes_or_key_1_takes_the_caller(briefing, event):
    commands = briefing.on(event, 1.0)
    assert isinstance(commands[-1], Transfer)
    assert briefing.taken
    assert briefing.disposition == "taken"


@pytest.mark.parametrize("event", [DigitPressed("2"), TranscriptFinal("no, not now")])
def test_a_no_or_key_2_gives_the_caller_back(briefing, event):
    assert isinstance(briefing.on(event, 1.0)[-1], Hangup)
    assert briefing.declined
    assert not briefing.taken


def test_a_machine_that_talks_and_never_says_yes_gets_no_caller(briefing):
    for _ in range(MOST_ASKS - 1):
        commands = briefing.on(TranscriptFinal("please leave a message after the tone"), 1.0)
        assert kinds(commands) == [Say, Listen]
    assert isinstance(briefing.on(SilenceLasted(5.0), 9.0)[-1], Hangup)
    assert briefing.disposition == "unanswered"


def test_other_keys_and_hellos_are_asked_again(briefing):
    assert kinds(briefing.on(TranscriptFinal("hello?"), 1.0)) == [Say, Listen]
    assert isinstance(briefing.on(DigitPressed("7"), 2.0)[-1], Listen)
    assert not briefing.taken


def test_a_person_who_hangs_up_has_not_taken_the_caller(briefing):
    briefing.on(CallerHungUp(), 1.0)
    assert not briefing.taken
    assert briefing.on(DigitPressed("1"), 2.0) == []


def test_a_copy_runs_ahead_without_being_heard(briefing):
    copy = briefing.copy()
    copy.on(TranscriptFinal("yes"), 1.0)
    assert copy.taken
    assert not briefing.taken
