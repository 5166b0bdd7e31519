"""Tasks, what they ask and where they lead, drawn."""

from pathlib import Path

from voicegw.dialplan.parse import Source, parse_source
from voicegw.dialplan.picture import picture
from voicegw.web.drawing import BOX_HEIGHT, drawn

ACME = (Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text()
SOURCE = Source(ACME, "acme")
SHOWN = picture(parse_source(SOURCE), SOURCE)


def test_what_a_task_asks_uses_and_leads_to_is_joined_to_it() -> None:
    assert {
        ("task.order_status", "slot.order_id"),
        ("task.refund", "tool.orders_db.refund"),
        ("task.refund", "way_out.person"),
    } <= set(SHOWN.lines)
    assert len(SHOWN.lines) == len(set(SHOWN.lines))


def test_boxes_know_the_line_of_the_file_that_makes_them() -> None:
    lines = ACME.split("\n")
    placed = {box.name: lines[box.line - 1].strip() for box in SHOWN.boxes if box.line}
    assert placed["order_status"] == "order_status:"
    assert placed["order_id"] == "order_id:"


def test_no_two_boxes_of_a_drawing_overlap() -> None:
    boxes = drawn(SHOWN).boxes
    for one in boxes:
        assert not [two for two in boxes if two is not one and one.x == two.x and abs(one.y - two.y) < BOX_HEIGHT]
