"""Insights count what calls came to, and put alike questions together."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from voicegw.accounts.record import Role
from voicegw.outcomes.insights import MOST_REPLIES, Asked, Period
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    Fact,
    ToolAnswered,
    TurnTaken,
    Waterfall,
)
from voicegw.web.grouping import questions

from .conftest import NOW

ENDS = ("completed", "completed", "completed", "handed_over", "abandoned")


def call(number: int, disposition: str) -> Sequence[Fact]:
    call_id, at = f"c{number}", NOW - 3600 * (number + 1)
    heard = Waterfall(last_voice=0.0, first_packet=100.0 * (number + 1))
    status = "failed" if number == 4 else "found"
    return [
        CallOpened(call_id, at, "+1555", "5000", "orders" if number < 4 else "dental", 2),
        CallPickedUp(call_id, at, 30.0),
        TurnTaken(call_id, 0, at, "", "Hello!", decided_by="greeting"),
        TurnTaken(call_id, 1, at + 1, "do you ship to Canada", "Sorry?", no_match=number % 2 == 0, waterfall=heard),
        TurnTaken(call_id, 2, at + 2, "thanks", "Bye.", interrupted=number == 0),
        ToolAnswered(call_id, at + 1, "a", "shop.order", "reads", status, 20.0),
        CallConcluded(call_id, at + 10, disposition, "order_status"),
        CallClosed(call_id, at + 10, "caller", 200, "OK"),
    ]


@pytest.fixture
async def calls(console):
    for number, disposition in enumerate(ENDS):
        await console.outcomes.apply(call(number, disposition))


async def test_calls_of_a_period_are_counted(console, calls):
    period = Period(NOW - 86400, NOW)
    counted = await console.insights.counted(period)
    whole = counted.whole()
    assert (whole.calls, whole.completed, whole.handed_over, whole.abandoned, whole.failed) == (5, 3, 1, 1, 0)
    assert (whole.turns, whole.said, whole.missed, whole.interrupted) == (15, 10, 3, 1)
    assert (whole.contained, whole.no_match, whole.talk_s) == (0.75, 0.3, 10.0)
    replies = await console.insights.replies(period, whole.turns)
    latency = replies.whole()
    assert (latency.count, latency.p50_ms, latency.p95_ms) == (5, 300.0, 500.0)
    assert {name: each.p50_ms for name, each in replies.by(0).items()} == {"orders": 200.0, "dental": 500.0}
    assert {name: each.count for name, each in replies.by(1).items()} == {"2": 5}
    assert {step: each.p95_ms for step, each in replies.over_time(period.since, 3600.0).items()} == {
        23: 100.0, 22: 200.0, 21: 300.0, 20: 400.0, 19: 500.0,
    }  # fmt: skip
    assert [(group.name, group.calls) for group in counted.by("dialplan")] == [
        ("orders", 4),
        ("dental", 1),
    ]
    assert (await console.insights.counted(Period(NOW - 86400, NOW, "dental"))).whole().calls == 1
    assert (await console.insights.counted(Period(NOW - 10, NOW))).whole().calls == 0
    hours = await console.insights.over_time(period, 3600.0)
    assert [group.calls for _, group in hours] == [1, 1, 1, 1, 1]
    assert hours[-1][0] == NOW - 3600


async def test_failed_tools_and_unanswered_questions_are_on_the_page(signed_in, calls):
    page = (await (await signed_in(Role.EDITOR)).get("/insights?days=7")).text
    assert "do you ship to Canada" in page
    assert 'href="/calls/c0#turn-1"' in page
    assert "shop.order" in page
    viewers = (await (await signed_in(Role.VIEWER)).get("/insights?days=7")).text
    assert "Canada" not in viewers
    drawn = (await (await signed_in(Role.VIEWER)).get("/insights/over-time.json?days=1")).json()
    assert drawn["calls"] == [1, 1, 1, 1, 1]
    assert drawn["not understood"] == [50.0, 0.0, 50.0, 0.0, 50.0]
    assert drawn["95 of 100"] == [500.0, 400.0, 300.0, 200.0, 100.0]


async def test_of_very_many_replies_a_sample_of_calls_tells(console):
    for number in range(64):
        facts = [replace(fact, call_id=f"{number:02x}ff") for fact in call(1, "completed")]
        await console.outcomes.apply(facts)
    replies = await console.insights.replies(Period(NOW - 86400, NOW), 4 * MOST_REPLIES)
    assert replies.whole().count == 64, "a quarter of all ids is below 40"
    assert (await console.insights.replies(Period(NOW - 86400, NOW), 8 * MOST_REPLIES)).whole().count == 32


def test_questions_that_share_their_words_are_one():
    said = ["do you ship to Canada", "shipping to canada?", "ship to Canada please", "opening hours", "um yes"]
    groups = questions([Asked(text, f"c{number}", 1, 0.0) for number, text in enumerate(said)])
    assert [(group.text, len(group.asked)) for group in groups] == [
        ("do you ship to Canada", 2),
        ("shipping to canada?", 1),
        ("opening hours", 1),
    ]
