"""What is told of a call besides its turns."""

from dataclasses import dataclass, field
from pathlib import Path

from voicegw.call.commands import ActionRequest, Effect, Transfer
from voicegw.call.dialog import Dialog
from voicegw.call.events import ActionResult, Event, TransferFailed, TransferLasted
from voicegw.call.talker import Talker
from voicegw.dialplan.parse import parse
from voicegw.outcomes.record import Fact, SlotFilled, ToolAnswered, TransferTried
from voicegw.testing import MONDAY_NOON, KeywordReader
from voicegw.worker.account import Account, ToldHandsOver
from voicegw.worker.handing_over import Tell

ACME = (Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text()
TALKER = Dialog(parse(ACME), KeywordReader({}), started=MONDAY_NOON)


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


class Exchange:
    """A way to a person that leads nowhere until it is told."""

    def __init__(self) -> None:
        self.tell: Tell | None = None

    def begin(self, transfer: Transfer, talker: Talker, tell: Tell) -> None:
        self.tell = tell

    def came_back(self, sip_status: int, tell: Tell) -> None:
        tell(TransferFailed(sip_status))


def test_transfers_are_told_and_told_again_when_they_fail():
    told: list[Fact] = []
    heard: list[Event] = []
    exchange = Exchange()
    handing_over = ToldHandsOver(exchange, "c1", told.append, lambda: 7.0)
    desk, boss = Transfer("sip:desk@pbx", "asked for"), Transfer("sip:boss@pbx", "still angry")
    handing_over.begin(desk, TALKER, heard.append)
    handing_over.came_back(486, heard.append)
    handing_over.begin(boss, TALKER, heard.append)
    assert exchange.tell is not None
    exchange.tell(TransferLasted())
    exchange.tell(TransferFailed(603))
    assert told == [
        TransferTried("c1", 7.0, 1, "sip:desk@pbx", "asked for"),
        TransferTried("c1", 7.0, 1, "sip:desk@pbx", "asked for", 486),
        TransferTried("c1", 7.0, 2, "sip:boss@pbx", "still angry"),
        TransferTried("c1", 7.0, 2, "sip:boss@pbx", "still angry", 603),
    ]
    assert heard == [TransferFailed(486), TransferLasted(), TransferFailed(603)]
