"""Random conversations: whatever callers, tools and networks do, the agent keeps its promises."""

import json
import random
from datetime import date, time
from pathlib import Path

import pytest

from voicegw.call.commands import WITH_SIDE_EFFECTS, Effect, Listen, StartAction, Think, Transfer
from voicegw.call.dialog import Dialog
from voicegw.call.events import (
    ActionFinished,
    ActionResult,
    CallBegan,
    DigitPressed,
    PlayoutHeard,
    SilenceLasted,
    ThoughtReady,
    TranscriptFinal,
    TransferFailed,
)
from voicegw.dialplan.parse import parse
from voicegw.nlu.understanding import IntentScore, SlotValue, Understanding
from voicegw.testing import MONDAY_NOON

HERE = Path(__file__).parent
SHIPPED = sorted((HERE.parents[1] / "dialplans").rglob("*.yaml"))
PLANS = [parse(file.read_text(), str(file)) for file in (HERE / "dialplans" / "everything.yaml", *SHIPPED)]
CONVERSATIONS = 2000
MOST_EVENTS = 400
VALUES = [
    ("digits", "4567"), ("digits", "123456"), ("digits", "12"), ("digits", "4539578763621486"), ("digits", "1"),
    ("code", "AB12CD"), ("number", 3), ("number", 99), ("money", "20.00"), ("money", "9999"), ("date", "2026-03-20"),
    ("date", "2020-01-01"), ("date", "2026-04-01"), ("time", "18:30"),
    ("datetime_range", {"start": "09:00", "end": "12:00"}),
    ("duration", 90), ("name", "Joe"), ("phone", "5550100"), ("email", "a@b.example"), ("address", "1 Main St"),
    ("choice", "gas"), ("choice", "water"), ("choice", "fire"),
]  # fmt: skip


class RandomReader:
    """Understands anything, at random; the text only seeds it, so that the same words read the same."""

    def __init__(self, intents: list[str], helpful: bool) -> None:
        self.intents = intents
        self.helpful = helpful
        """The caller mostly answers what was asked."""

    def __call__(self, text, vector, expecting, today: date, now: time) -> Understanding:
        chance = random.Random(text)
        asks = expecting.kind != "any"
        intents = chance.sample(self.intents, 0 if self.helpful and asks else chance.choice([0, 1, 1, 2]))
        scores = tuple(IntentScore(name, chance.random(), chance.random() < 0.1) for name in intents)
        values = chance.choices(VALUES, k=chance.choice([0, 0, 1, 1, 2, 4]))
        if asks and chance.random() < (0.9 if self.helpful else 0.4):
            values = [answer_to(expecting, chance)]
        slots = tuple(
            SlotValue(kind, kind, value, str(value), 0, 1, chance.random() < 0.2) for kind, value in values
        )  # fmt: skip
        yes = chance.choice([True, True, True, False] if self.helpful else [True, False, None, None])
        return Understanding(text, scores, slots, yes, chance.random() < 0.6)


def answer_to(expecting, chance: random.Random) -> tuple[str, object]:
    """A value of the kind that was asked for, most often of the right length."""
    if expecting.kind == "choice":
        return "choice", chance.choice(expecting.phrases)
    if expecting.length and chance.random() < 0.8:
        return expecting.kind, "".join(chance.choices("0123456789", k=expecting.length))
    return chance.choice([value for value in VALUES if value[0] == expecting.kind] or VALUES)


def next_event(chance: random.Random, waiting: list, dialog: Dialog):
    """Something that happens; answers to what was started come sooner or later, or never."""
    if waiting and chance.random() < 0.6:
        return waiting.pop(0)
    kind = chance.random()
    if kind < 0.6:
        return TranscriptFinal(str(chance.random()) if kind > 0.05 else "", chance.choice([1.0, 0.9, 0.2]))
    if kind < 0.75:
        return DigitPressed(chance.choice("0123456789*#"))
    if kind < 0.92:
        return SilenceLasted(6.0)
    if kind < 0.95:
        return TransferFailed(486)
    if kind < 0.97:
        return ActionFinished(ActionResult("stray-1", "bank.pay", "done"))
    return chance.choice([PlayoutHeard(1, "Hello", False), ThoughtReady(999, None)])


def answer(chance: random.Random, command):
    if isinstance(command, StartAction):
        good = ["found", "done", "free", "verified", "outage", "none", "taken"]
        status = chance.choice([*good, *good, "not_found", "refused", "failed", "too_slow", "strange"])
        values = {"state": "shipped", "amount": "20.00", "arrives": "2026-03-20", "refundable": chance.random() < 0.8}
        values |= {
            "booked_day": "2026-03-20",
            "booked_time": "10:00",
            "nearest": "11:00",
            "late": chance.random() < 0.2,
        }
        values |= {"next_day": "2026-03-23", "street": "1 Main Street", "proof": "p", "phone_ending": "42"}
        request = command.request
        return ActionFinished(ActionResult(request.id, request.tool, status, values))
    if isinstance(command, Think):
        return ThoughtReady(command.id, chance.choice([None, {"choice": "none"}, {"choice": "task.book"}, {}]))
    return TransferFailed(486) if isinstance(command, Transfer) and chance.random() < 0.9 else None


def is_yes(dialog: Dialog, read: RandomReader, event) -> bool:
    if isinstance(event, DigitPressed):
        return event.digit in "1#"
    if isinstance(event, SilenceLasted):
        return dialog.state()["keys"] == "1"
    if not isinstance(event, TranscriptFinal) or event.confidence < 0.4:
        return False
    understanding = read(event.text, None, dialog.expecting, date.min, time.min)
    return understanding.yes is True


def started_writes(commands) -> list[str]:
    actions = [command.request for command in commands if isinstance(command, StartAction)]
    return [request.tool for request in actions if request.effect is Effect.WRITES]


def check_promises(dialog: Dialog, event, commands) -> None:
    state = dialog.state()
    for command in commands[:-1]:
        assert not isinstance(command, WITH_SIDE_EFFECTS), "nothing follows the end"
    if dialog.over:
        return
    waits = state["pending"] or state["thought"] or state["transferring"]
    assert waits or state["question"], "somebody is to speak next"
    if not waits and isinstance(event, TranscriptFinal | SilenceLasted | CallBegan):
        assert any(isinstance(command, Listen) for command in commands), "the caller is listened to"


def converse(seed: int) -> int:
    """One conversation, with every promise checked at every event; returns the number of writes."""
    chance = random.Random(seed)
    plan = chance.choice(PLANS)
    read = RandomReader([*plan.examples()], helpful=chance.random() < 0.7)
    dialog = Dialog(plan, read, started=MONDAY_NOON)
    waiting: list = []
    writes = 0
    event = CallBegan()
    for count in range(MOST_EVENTS):
        question, confirms = dialog.question, is_yes(dialog, read, event)
        copy = dialog.copy()
        commands = dialog.on(event, float(count))
        assert copy.on(event, float(count)) == commands, "a copy does the same"
        state = dialog.state()
        assert copy.restored(json.loads(json.dumps(state))).state() == state, "a new process knows the same"
        for tool in started_writes(commands):
            assert question == tool, "a write was asked about"
            assert confirms, "and the caller said yes"
            writes += 1
        check_promises(dialog, event, commands)
        waiting += [found for found in (answer(chance, command) for command in commands) if found]
        if dialog.over or (state["transferring"] and not waiting):
            return writes  # nobody speaks any more, or a person does
        event = next_event(chance, waiting, dialog)
    raise AssertionError(f"conversation {seed} did not end")


@pytest.mark.parametrize("part", range(10))
def test_no_write_without_its_yes_no_call_without_a_way_out_and_every_conversation_ends(part):
    seeds = range(part * CONVERSATIONS // 10, (part + 1) * CONVERSATIONS // 10)
    assert sum(map(converse, seeds)) >= 5, "some get as far as a write"
