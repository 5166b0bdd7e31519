"""A menu of keys, for callers whom the machine has no time to listen to."""

from collections.abc import Callable

from voicegw.call.dialog_slots import YES_NO_QUESTIONS
from voicegw.call.dialog_state import Question
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.slots import KEYED, AnySlot
from voicegw.nlu.understanding import Completeness, IntentScore, Understanding

MOST_CHOICES = 8
"""More than that nobody remembers; 9 is left free, 0 is a person."""
OPEN = ("open", "more")
"""Kinds of questions that the menu answers."""

Phrase = Callable[..., str]
"""The words of an in-built phrase with its values."""


def tasks(plan: Dialplan) -> list[str]:
    """Names of the tasks that can be chosen, in the order of their keys: dangers first."""
    asked_for = [name for name, task in plan.tasks.items() if task.examples]
    return sorted(asked_for, key=lambda name: not plan.tasks[name].urgent)[:MOST_CHOICES]


def hint(plan: Dialplan, question: Question, slot: AnySlot | None, words: Phrase) -> str:
    """What to add to a question that is answered by keys."""
    if question.kind in OPEN:
        choices = (
            words("menu_choice", title=plan.tasks[name].title, key=key) for key, name in enumerate(tasks(plan), 1)
        )
        return words("menu", choices=" ".join(choices))
    if question.kind in YES_NO_QUESTIONS or (slot and slot.type == "yes_no"):
        return words("yes_no_keys")
    return words("key_it_in") if slot and slot.keypad and slot.type in KEYED else ""


def chosen(plan: Dialplan, key: str) -> Understanding:
    """What a key of the menu asks for."""
    names = tasks(plan)
    there = key.isdigit() and 0 < int(key) <= len(names)
    intents = (IntentScore(f"task.{names[int(key) - 1]}", 1.0),) if there else ()
    return Understanding(key, intents, confident=there, completeness=Completeness.COMPLETE)
