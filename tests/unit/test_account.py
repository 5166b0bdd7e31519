"""What is told of a call besides its turns."""

from dataclasses import dataclass, field

from voicegw.call.commands import ActionRequest, Effect
from voicegw.call.events import ActionResult
from voicegw.outcomes.record import Fact, SlotFilled, ToolAnswered
from voicegw.worker.account import Account


@dataclass
class Slots:
    values: dict[str, str] = field(default_factory=dict)

    def spoken_slots(self) -> dict[str, str]:
        return dict(self.values)


def account(told: list[Fact], known: dict[str, str] | None = None) -> Account:
    return Account("c1", told.append, lambda: 7.0, known or {})


def test_a_slot_is_told_when_it_is_filled_and_when_it_changes():
    told: list[Fact] = []
    one, slots = account(told), Slots()
    for values in ({}, {"day": "Tuesday"}, {"day": "Tuesday"}, {"day": "Thursday", "pin": "***"}):
        slots.values = values
        one.turn_over(slots)
    assert told == [
        SlotFilled("c1", 7.0, "day", "Tuesday"),
        SlotFilled("c1", 7.0, "day", "Thursday"),
        SlotFilled("c1", 7.0, "pin", "***"),
    ]


def test_what_the_worker_before_has_told_is_not_told_again():
    told: list[Fact] = []
    account(told, {"day": "Tuesday"}).turn_over(Slots({"day": "Tuesday"}))
    assert told == []


async def test_a_tool_is_told_with_its_outcome_and_without_its_values():
    async def run(request: ActionRequest) -> ActionResult:
        return ActionResult(request.id, request.tool, "found", {"name": "Smith"})

    told: list[Fact] = []
    request = ActionRequest("a1", "orders_db.order_status", {"order_id": "4567"}, Effect.READS)
    result = await account(told).of(run)(request)
    (fact,) = told
    assert result.status == "found"
    assert isinstance(fact, ToolAnswered)
    assert (fact.id, fact.tool, fact.effect, fact.status) == ("a1", "orders_db.order_status", "reads", "found")
    assert "4567" not in str(fact)
    assert "Smith" not in str(fact)
