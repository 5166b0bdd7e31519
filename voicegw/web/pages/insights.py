"""Insights: how calls go, and what callers asked that nothing answered."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from voicegw.accounts.record import Role, Who
from voicegw.outcomes.insights import BY, DAY_S, HOUR_S, Period
from voicegw.web.access import needs
from voicegw.web.console import Console, Shared
from voicegw.web.grouping import questions
from voicegw.web.page import Nav, Page
from voicegw.web.rendering import render

router = APIRouter()
PAGE = Page(router, Nav("Insights", "/insights", "insights"))
Viewer = Annotated[Who, Depends(needs(Role.VIEWER))]
DAYS = (1, 7, 30, 90)
HOURLY_DAYS = 2
"""Up to so many days, the charts go by the hour."""


@dataclass(frozen=True)
class Asked:
    """Query parameters of ``/insights``."""

    days: Annotated[int, Query(ge=1, le=366)] = 7
    dialplan: str = ""

    def period(self, now: float) -> Period:
        """Up to now."""
        return Period(now - self.days * DAY_S, now, self.dialplan.strip())

    @property
    def step_s(self) -> float:
        """Of the charts."""
        return HOUR_S if self.days <= HOURLY_DAYS else DAY_S


@router.get("/insights")
async def show(request: Request, console: Shared, who: Viewer, asked: Annotated[Asked, Depends()]) -> Response:
    """Figures of a period, tables by dialplan, version and task, questions, tools."""
    period, insights = asked.period(console.clock()), console.insights
    tools, counted = await insights.tools(period), await insights.counted(period)
    replies = await insights.replies(period, counted.whole().turns)
    values = {
        "asked": asked,
        "days": DAYS,
        "whole": counted.whole(),
        "latency": replies.whole(),
        "tables": [(by, counted.by(by), replies.by(place)) for place, by in enumerate(BY)],
        "questions": questions(await insights.unanswered(period)) if who.sees_words else [],
        "tools": [tool for tool in tools if tool.status in ("failed", "too_slow")],
        "tools_asked": sum(tool.count for tool in tools),
    }
    return render(request, "insights.html", values, who=who)


@router.get("/insights/over-time.json")
async def over_time(console: Shared, _: Viewer, asked: Annotated[Asked, Depends()]) -> dict[str, list[Any]]:
    """Columns for the charts: times, calls by outcome, rates in percent, latencies in ms."""
    return await columns(console, asked)


async def columns(console: Console, asked: Asked) -> dict[str, list[Any]]:
    """By the hour or the day."""
    period = asked.period(console.clock())
    steps = await console.insights.over_time(period, asked.step_s)
    replies = await console.insights.replies(period, sum(group.turns for _, group in steps))
    waits = replies.over_time(period.since, asked.step_s)
    latencies = [waits.get(round((at - period.since) / asked.step_s)) for at, _ in steps]

    def percent(share: float | None) -> float | None:
        return None if share is None else round(100 * share, 2)

    return {
        "at": [at for at, _ in steps],
        "calls": [group.calls for _, group in steps],
        "completed": [percent(group.share(group.completed)) for _, group in steps],
        "handed over": [percent(group.share(group.handed_over)) for _, group in steps],
        "not understood": [percent(group.no_match) for _, group in steps],
        "interrupted": [percent(group.interruption) for _, group in steps],
        "half of them": [latency and latency.p50_ms for latency in latencies],
        "95 of 100": [latency and latency.p95_ms for latency in latencies],
    }
