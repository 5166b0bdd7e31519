"""Simulated callers: a language model chooses the move, what is told comes from the goal alone."""

import json
import random

import pytest

from voicegw.qa.scenarios.model import Goal
from voicegw.qa.simulated.moves import AGAIN, ASK, BYE, NO, YES, Talk, move_of, prompt, schema, words

GOAL = Goal(
    wants="your money back",
    openings=("I'd like my money back.",),
    facts={"order number": "1 2 3 4"},
    persona="You are polite.",
)
TELL = "tell order number"


def test_what_is_wanted_is_said_first_and_nothing_over_and_over():
    talk = Talk(GOAL)
    assert talk.choices() == [ASK]
    talk.done = [ASK]
    assert talk.choices() == [TELL, YES, NO, AGAIN, BYE]
    talk.done = [ASK, TELL, AGAIN]
    assert talk.choices() == [TELL, YES, NO, ASK, BYE]
    talk.done = [ASK, TELL, ASK, TELL]
    assert talk.choices() == [YES, NO, AGAIN, BYE]
    talk.done += [YES, YES]
    assert talk.choices() == [NO, AGAIN, BYE]


def test_the_model_reads_the_goal_its_facts_and_the_last_lines_and_answers_with_a_move_alone():
    talk = Talk(GOAL, [("agent", f"line {number}") for number in range(20)], [ASK])
    system, user = prompt(talk)
    assert "You want your money back." in system.content
    assert "Your order number: 1 2 3 4." in system.content
    assert "line 13" not in user.content
    assert "agent: line 19" in user.content
    assert schema(talk.choices())["properties"] == {"move": {"type": "string", "enum": talk.choices()}}


def test_a_move_that_was_not_made_can_be_taken_back():
    talk = Talk(GOAL, [("agent", "Hello"), ("caller", "My money"), ("agent", "One"), ("caller", "yes")], [ASK, YES])
    talk.take_back()
    assert talk == Talk(GOAL, [("agent", "Hello"), ("caller", "My money")], [ASK])


@pytest.mark.parametrize(
    ("answer", "move"),
    [(json.dumps({"move": TELL}), TELL), ('{"move": "tell secret"}', BYE), ('{"move": "ye', BYE), ("", BYE)],
)
def test_an_answer_that_is_no_move_ends_the_call(answer, move):
    assert move_of(answer, [TELL, YES, BYE]) == move


def test_what_is_told_is_the_goals_word_for_word():
    for seed in range(20):
        assert "1 2 3 4" in words(Talk(GOAL), TELL, random.Random(seed))
    assert words(Talk(GOAL), ASK, random.Random(1)) == "I'd like my money back."
