"""Copies of a real dialog run ahead of real conversations: reads and speech come of it, and nothing else."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from voicegw.call.commands import ActionRequest, Effect, Hangup, Say, SendWhenDone, StartAction, Transfer
from voicegw.call.events import ActionResult
from voicegw.call.orders import Heard
from voicegw.dialplan.parse import parse
from voicegw.nlu.understanding import Completeness
from voicegw.testing import KeywordReader, Talk
from voicegw.worker.foresight import Foresight
from voicegw.worker.hands import Hands
from voicegw.worker.thinker import Thinker

ACME = Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml"
READER = KeywordReader({
    "task.refund": ["refund"], "task.order_status": ["where is"], "talk.person": ["person"], "talk.goodbye": ["bye"],
})  # fmt: skip
ORDER = {"state": "shipped", "arrives": "2026-03-19", "amount": "129.90", "refundable": True}
TOOLS = {
    "orders_db.order_status": lambda arguments: ("found", dict(ORDER)),
    "orders_db.refund": lambda arguments: ("done", {"amount": "129.90"}),
}


@dataclass
class Outside:
    """All that a copy could reach."""

    ran: list[ActionRequest] = field(default_factory=list)
    promised: list[SendWhenDone] = field(default_factory=list)
    prepared: list[str] = field(default_factory=list)

    async def run(self, request: ActionRequest) -> ActionResult:
        self.ran.append(request)
        status, values = TOOLS[request.tool](request.arguments)
        return ActionResult(request.id, request.tool, status, values)

    def prepare(self, say: Say) -> None:
        self.prepared.append(say.text)


async def hear_ahead(talk: Talk, text: str, outside: Outside) -> None:
    """All that Foresight does while ``text`` is being said, word by word, and when it has been said."""
    hands, thinker = Hands(outside.run, outside.promised.append), Thinker(None)
    foresight = Foresight(outside, hands, thinker, lambda: talk.now)  # type: ignore[arg-type]
    words = text.split()
    for count in range(1, len(words) + 1):
        for pausing in (False, True):
            heard = Heard(" ".join(words[:count]), 0.9, Completeness.COULD_GO_ON, 0)
            foresight.look_ahead(talk.dialog, heard, None, pausing=pausing)
            for _ in range(20):
                await asyncio.sleep(0)
    foresight.forget()


@pytest.mark.parametrize(
    ("lines", "ends_in"),
    [
        (["refund order 4567 please", "yes please"], StartAction),
        (["where is order 4567", "I want to talk to a person"], Transfer),
        (["where is order 4567", "no thanks bye"], Hangup),
    ],
    ids=["write", "transfer", "hangup"],
)
async def test_nothing_with_a_side_effect_ever_comes_from_a_copy(lines: list[str], ends_in: type) -> None:
    talk, outside = Talk(parse(ACME.read_text(), str(ACME)), READER, TOOLS), Outside()
    talk.begins()
    for line in lines:
        before = talk.dialog.state()
        await hear_ahead(talk, line, outside)
        assert talk.dialog.state() == before, "looking ahead changed the conversation itself"
        talk.says(line)
    assert any(isinstance(command, ends_in) for command in talk.commands), "the line was to have an effect"
    assert all(request.effect is Effect.READS for request in outside.ran)
    assert not outside.promised
    assert outside.prepared, "nothing was prepared"


async def test_a_lookup_is_done_and_its_answer_made_before_the_turn_is_over() -> None:
    talk, outside = Talk(parse(ACME.read_text(), str(ACME)), READER, TOOLS), Outside()
    talk.begins()
    await hear_ahead(talk, "where is order 4567", outside)
    assert [request.tool for request in outside.ran] == ["orders_db.order_status"]
    assert any("4 5 6 7" in text for text in outside.prepared)


def test_a_tool_that_had_finished_keeps_its_result_when_its_answer_is_cut_off() -> None:
    talk = Talk(parse(ACME.read_text(), str(ACME)), READER, TOOLS)
    talk.begins()
    talk.says("refund order 4567 please")
    talk.says("yes please")
    ran = list(talk.requests)
    assert [request.effect for request in ran].count(Effect.WRITES) == 1
    talk.says("wait what")  # over the agent's answer
    talk.says("where is order 4567")
    writes = [request for request in talk.requests if request.effect is Effect.WRITES]
    assert len(writes) == 1
