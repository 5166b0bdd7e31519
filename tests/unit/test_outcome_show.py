"""A call in the terminal."""

import io
from dataclasses import replace

from rich.console import Console, RenderableType

from voicegw.outcomes.action import ActionRow
from voicegw.outcomes.history import History, to_row
from voicegw.outcomes.listing import render_list
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    TurnTaken,
    Waterfall,
    WorkerReplaced,
)
from voicegw.outcomes.rows import CallRow
from voicegw.outcomes.show import BAR_WIDTH, render_call, stages_of

CALL = "3f2a91c0aa"
FULL = Waterfall(4000.0, 4180.0, 4250.0, 4260.0, 4262.0, 4270.0, 4311.0)
TURNS = [
    TurnTaken(CALL, 0, 1e9, "", "Hello!", decided_by="greeting", waterfall=Waterfall(first_audio=12.0)),
    TurnTaken(CALL, 1, 1e9, "where is my order", "On its way.", "order_status", "order_number",
              confidence=0.93, speculated=True, waterfall=FULL),
    TurnTaken(CALL, 2, 1e9, "", "Are you", decided_by="timer", interrupted=True),
]  # fmt: skip
ROW = to_row(
    History(CALL).joined(
        [
            CallOpened(CALL, 1e9, "+15551234567", "100", "acme-orders", 3),
            CallPickedUp(CALL, 1e9 + 0.1, 31.0, "PCMU"),
            *TURNS,
            WorkerReplaced(CALL, 1e9 + 5, hung=True),
            CallConcluded(CALL, 1e9 + 20, "completed", "order_status", {"order_number": "4567"}),
            CallClosed(
                CALL, 1e9 + 25.1, "caller", 200, "OK", {"rtp_sent": 1250.0, "rtp_received": 990, "rtp_lost": 10}
            ),
        ]
    )
)


def shown(what: RenderableType, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(what)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_what_nobody_knows_the_end_of_stands_first_among_the_actions() -> None:
    refund = ActionRow(
        "k1", CALL, "+1", "refund", "billing.refund", {"order": "4567"}, "4567", "", "", 1e9, "m", state="changed"
    )
    booking = replace(refund, key="k2", tool="calendar.book", state="unsure", notice={}, notice_status="due")
    text = shown(render_call(ROW, TURNS, actions=[refund, booking]))
    assert text.index("calendar.book: nobody knows") < text.index("billing.refund: done")
    assert "message promised" in text
    assert "order = 4567" in text


def test_each_stage_costs_what_passed_since_the_one_before() -> None:
    assert [(stage.name, cost) for stage, cost in stages_of(FULL)] == [
        ("pause", 180.0),
        ("transcript", 70.0),
        ("turn", 10.0),
        ("decision", 2.0),
        ("speech", 8.0),
        ("packet", 41.0),
    ]


def test_stages_add_up_to_the_wait_also_when_speculation_had_them_over_early() -> None:
    ahead = Waterfall(4000.0, 4180.0, None, 4260.0, 3900.0, 3950.0, 4311.0)
    costs = {stage.name: cost for stage, cost in stages_of(ahead)}
    assert costs["decision"] == costs["speech"] == 0.0
    assert sum(costs.values()) == ahead.wait_ms == 311.0


def test_a_call_shows_both_sides_the_waterfall_and_the_outcome() -> None:
    text = shown(render_call(ROW, TURNS))
    for part in (
        f"call {CALL}  completed",
        "+15551234567 → 100   acme-orders v3",
        "answered in 31 ms · PCMU · 25.0 s · ended by caller: 200 OK",
        "caller  where is my order",
        "agent  On its way.",
        "█ 311 ms",
        "pause 180 · transcript 70 · turn 10 · decision 2 · speech 8 · packet 41",
        "order_status.order_number · by reflex · heard with 93% · prepared ahead",
        "(silence)",
        "Are you — interrupted",
        "order_number = 4567",
        "1,250 packets sent, 990 received, 10 lost (1.0%)",
        "1 worker, of which 1 hung",
    ):
        assert part in text


def test_the_longest_wait_fills_the_bar_and_others_are_to_its_scale() -> None:
    short = TurnTaken(CALL, 3, 1e9, "yes", "Good.", waterfall=Waterfall(0.0, 155.5, first_packet=155.5))
    lines = [line for line in shown(render_call(ROW, [*TURNS, short])).splitlines() if " ms" in line and "█" in line]
    assert [line.count("█") for line in lines] == [BAR_WIDTH, BAR_WIDTH // 2]


def test_a_call_of_which_nothing_is_known_is_shown_all_the_same() -> None:
    text = shown(render_call(CallRow("c1", 0.0), []))
    assert "still up" in text
    assert "unknown → unknown" in text


def test_square_brackets_in_what_people_say_are_no_markup() -> None:
    turn = TurnTaken(CALL, 1, 1e9, "[bold]hi[/]", "[/red]")
    text = shown(render_call(CallRow(CALL, 0.0, task="[/x]", reason="[/y]", ended_by="caller"), [turn]))
    assert "[bold]hi[/]" in text
    assert "[/red]" in text


def test_ids_in_a_list_are_as_short_as_they_can_be_and_still_differ() -> None:
    rows = [CallRow("abcdefgh-1", 1.0), CallRow("abcdefgh-2", 2.0)]
    assert "abcdefgh-1" in shown(render_list(rows))
    assert "abcdefgh-" not in shown(render_list([rows[0], CallRow("zbcdefgh-1", 2.0)]))
