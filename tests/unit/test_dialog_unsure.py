"""What the dialog does when the reflex is not sure: guesses, the language model, an honest "I don't know"."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from voicegw.call.commands import Think, Transfer
from voicegw.call.events import ThoughtReady, TranscriptFinal
from voicegw.dialplan.parse import parse
from voicegw.nlu.understanding import Completeness
from voicegw.testing import KeywordReader, Talk

ACME = (Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text()
PLAN = parse(ACME)
SILENT_PLAN = PLAN.model_copy(update={"reasoning": PLAN.reasoning.model_copy(update={"allowed": False})})
KEYWORDS = {"task.order_status": ["parcel"], "task.refund": ["broken"], "answer.opening_hours": ["open"]}
UNSURE = KeywordReader(KEYWORDS, score=0.4, confident=False)


@dataclass(frozen=True)
class Wavering:
    """Sure of what is said, but for words of which it has less than a sure score."""

    keywords: dict[str, list[str]]
    unsure: dict[str, float]

    def __call__(self, text, *args):
        score = next((score for word, score in self.unsure.items() if word in text), None)
        return KeywordReader(self.keywords, score or 0.9, confident=score is None)(text, *args)


def tools():
    found = {"state": "shipped", "arrives": "2026-03-19", "amount": "10", "refundable": True}
    return {"orders_db.order_status": lambda arguments: ("found", found)}


def talk(decide=lambda think: None, plan=PLAN, read=UNSURE) -> Talk:
    conversation = Talk(plan, read, tools(), decide)
    conversation.begins()
    return conversation


def thoughts(conversation: Talk) -> list[Think]:
    return [command for command in conversation.commands if isinstance(command, Think)]


def test_a_task_that_is_clearly_the_likeliest_is_asked_about_without_the_model():
    caller = talk(read=KeywordReader(KEYWORDS, score=0.8, confident=False))
    assert caller.says("something about my parcel") == "Is it about where an order is?"
    assert not thoughts(caller)
    assert caller.says("yes") == "What's the order number?"


def test_a_value_for_the_task_that_is_asked_about_is_a_yes():
    caller = talk(read=KeywordReader(KEYWORDS, score=0.8, confident=False))
    assert caller.says("something about my parcel") == "Is it about where an order is?"
    assert "Order 4 5 6 7 has shipped" in caller.says("it's order 4567")


def test_a_question_that_is_clearly_the_likeliest_is_answered_without_the_model():
    caller = talk(read=KeywordReader(KEYWORDS, score=0.8, confident=False))
    assert "nine to five" in caller.says("are you open on that day")
    assert not thoughts(caller)


def test_of_words_that_were_hardly_heard_the_model_is_not_asked():
    heard = "you're all been in your own"
    well, hardly = talk(), talk()
    well.says(heard, confidence=0.8)
    hardly.says(heard, confidence=0.3)
    assert thoughts(well)
    assert not thoughts(hardly)
    assert hardly.dialog.missed


def test_where_two_are_likely_the_model_chooses():
    caller = talk(read=KeywordReader(KEYWORDS, score=0.8, confident=False))
    caller.says("my parcel came and is broken")
    assert thoughts(caller)


def test_a_likely_task_is_asked_about():
    caller = talk(plan=SILENT_PLAN)
    assert caller.says("something about my parcel") == "Is it about where an order is?"
    assert caller.says("yes") == "What's the order number?"


def test_a_wrong_guess_leads_to_an_open_question():
    caller = talk(plan=SILENT_PLAN)
    caller.says("something about my parcel")
    assert caller.says("no") == "Okay. What is it about, then?"


def test_of_two_likely_tasks_the_caller_chooses():
    caller = talk(plan=SILENT_PLAN)
    assert caller.says("my parcel is broken") == "Is it about where an order is, or about sending an order back?"


def test_one_guess_is_not_made_for_ever():
    caller = talk(plan=SILENT_PLAN)
    said = [caller.says("something about my parcel") for _ in range(4)]
    assert said.count("Is it about where an order is?") == 1
    assert isinstance(caller.ended, Transfer)


def test_the_model_decides_what_the_reflex_is_not_sure_of():
    caller = talk(lambda think: {"choice": "task.order_status"})
    assert caller.says("something about my parcel") == "What's the order number?"
    assert caller.dialog.decision is not None
    assert caller.dialog.decision.by == "llm"


def test_the_model_chooses_among_few_and_only_what_the_dialplan_has():
    caller = talk()
    caller.says("something about my parcel")
    think = thoughts(caller)[0]
    choices = think.schema["properties"]["choice"]["enum"]
    assert choices[0] == "task.order_status"
    assert choices[-2:] == ["talk.person", "none"]
    assert len(choices) <= 8
    assert "caller: something about my parcel" in think.user


def test_the_beginning_of_what_the_model_reads_never_changes():
    caller = talk()
    caller.says("something about my parcel")
    first = thoughts(caller)[0].system
    caller.says("no, something else, it is broken")
    assert [think.system for think in thoughts(caller)] in ([first], [])


@pytest.mark.parametrize("decision", [{"choice": "task.hack"}, {"choice": "none"}, {}, {"choice": 5}])
def test_a_decision_outside_the_choices_is_none(decision):
    caller = talk(lambda think: decision)
    assert caller.says("something about my parcel") == "Sorry, what was that?"


def test_without_an_answer_of_the_model_the_guess_is_asked_about():
    assert talk(lambda think: None).says("something about my parcel") == "Is it about where an order is?"


def test_the_model_can_give_the_caller_to_a_person():
    caller = talk(lambda think: {"choice": "talk.person"})
    caller.says("I think I need somebody who knows")
    assert isinstance(caller.ended, Transfer)


def test_a_thought_that_comes_after_the_caller_spoke_again_is_dropped():
    caller = talk()
    caller.decide = lambda think: None
    commands = caller.dialog.on(TranscriptFinal("something about my parcel"), 10.0)
    think = next(command for command in commands if isinstance(command, Think))
    caller.dialog.on(TranscriptFinal("are you"), 11.0)
    assert caller.dialog.on(ThoughtReady(think.id, {"choice": "task.refund"}), 12.0) == []


def test_a_question_that_nothing_answers_is_admitted():
    caller = talk(plan=SILENT_PLAN)
    assert caller.says("do you sell bicycles?") == "I'm afraid I don't know that. Anything else?"


def test_a_caller_who_thinks_aloud_is_waited_for():
    def read(text, *rest):
        return replace(UNSURE(text, *rest), completeness=Completeness.INCOMPLETE)

    caller = talk(plan=SILENT_PLAN, read=read)
    assert caller.says("um") == ""
    assert caller.listening is not None
    assert caller.says("well um") == ""
    assert caller.says("um") == "Sorry, what was that?"


def test_hello_is_answered_with_the_open_question():
    caller = talk(read=KeywordReader({"talk.hello": ["hello"]}))
    assert caller.says("hello?") == "Hello! How can I help?"


def test_outside_opening_hours_callers_hear_so_in_the_dialplans_own_time_zone():
    plan = parse(
        ACME + 'hours:\n  week: {monday: "09:00-17:00"}\n  timezone: Asia/Seoul\n'
        "  closed: [{say: We are closed.}, {end: call}]\n"
    )
    noon_utc = datetime.fromisoformat("2026-03-16T12:00:00+00:00")
    assert Talk(plan, UNSURE, started=noon_utc).begins() == "We are closed. Thanks for calling Acme. Goodbye!"
    assert "How can I help?" in Talk(plan, UNSURE, started=noon_utc.replace(hour=3)).begins()


def test_a_turn_that_was_not_understood_is_marked_and_the_next_one_is_not():
    caller = talk(plan=SILENT_PLAN, read=KeywordReader({"task.order_status": ["parcel"]}))
    caller.says("qwertz uiop")
    assert caller.dialog.missed
    caller.says("where is my parcel")
    assert not caller.dialog.missed


def test_what_the_language_model_makes_out_is_understood():
    caller = talk(lambda think: {"choice": "task.order_status"})
    caller.says("something about my parcel")
    assert not caller.dialog.missed


def another_number(score: float, words: str) -> Talk:
    """An order's state was told; then words with another number come, of which the reflex is not sure."""
    found = {"state": "shipped", "arrives": "2026-03-19", "amount": "10", "refundable": True}
    read = Wavering(KEYWORDS, {"broken": score})
    conversation = Talk(PLAN, read, {"orders_db.order_status": lambda arguments: ("found", found)})
    conversation.begins()
    assert "has shipped" in conversation.says("where is my parcel 4567")
    conversation.says(words)
    return conversation


def test_another_number_is_for_the_task_that_is_probably_meant():
    assert another_number(0.6, "the broken one is 1234").dialog.task == "refund"


def test_another_number_alone_is_for_the_last_task():
    assert another_number(0.4, "no 1234").dialog.task == "order_status"
