"""What a caller takes back by going on: a turn, a goodbye; never what cannot be undone."""

import pytest

from tests.unit.test_dialog import ACME, ORDERS, READER
from voicegw.call.commands import Hangup, StartAction, Transfer
from voicegw.call.course import Course, Void
from voicegw.call.events import ActionFinished, ActionResult, CallBegan, TranscriptFinal
from voicegw.dialplan.parse import parse
from voicegw.testing import Talk


@pytest.fixture
def course() -> Course:
    course = Course(Talk(parse(ACME.read_text(), str(ACME)), READER).dialog)
    course.tell(CallBegan(), 0.0)
    return course


def says(course, text, *, continues=False):
    """The words of one turn; returns what came of it, and what it took back."""
    void = course.begin_turn(continues=continues)
    return course.tell(TranscriptFinal(text), 5.0), void


def test_a_turn_that_goes_on_speaks_to_the_question_that_its_first_half_answered(course):
    says(course, "where is my order")
    asked = course.dialog.question
    commands, _ = says(course, "4567")
    assert any(isinstance(command, StartAction) for command in commands)
    assert course.addressed(continues=True).question == asked
    commands, void = says(course, "4567, no wait, 4568", continues=True)
    assert void is Void.TURN
    (request,) = (command.request for command in commands if isinstance(command, StartAction))
    assert request.arguments["order_id"] == "4568"


def test_results_of_a_turn_that_was_taken_back_are_told_by_its_generation(course):
    says(course, "where is my order")
    before = course.generation
    says(course, "where is my order, it's 4567", continues=True)
    assert course.generation == before + 1
    says(course, "thank you")
    assert course.generation == before + 1


def test_a_goodbye_is_taken_back_by_one_thing_more(course):
    commands, _ = says(course, "bye")
    assert any(isinstance(command, Hangup) for command in commands)
    commands, void = says(course, "where is order 4567")
    assert void is Void.GOODBYE
    assert any(isinstance(command, StartAction) for command in commands)
    assert course.begin_turn(continues=False) is Void.NOTHING


def test_a_transfer_is_not_taken_back(course):
    commands, _ = says(course, "person")
    assert any(isinstance(command, Transfer) for command in commands)
    assert course.addressed(continues=True) is course.dialog
    assert course.begin_turn(continues=True) is Void.NOTHING


def test_a_write_that_was_asked_for_is_not_taken_back(course):
    for words in ("refund order 4567", "yes"):
        commands, _ = says(course, words)
        while started := [command.request for command in commands if isinstance(command, StartAction)]:
            (request,) = started
            if request.tool == "orders_db.refund":
                break
            result = ActionResult(request.id, request.tool, "found", ORDERS["4567"])
            commands = course.tell(ActionFinished(result), 6.0)
    assert request.tool == "orders_db.refund"
    assert course.begin_turn(continues=True) is Void.NOTHING
