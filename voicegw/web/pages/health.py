"""Health: what is up, and what to do about what is not."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from voicegw.accounts.record import Role, Who
from voicegw.call.easing import Easing
from voicegw.gateway.finding import Finding, fail, ok, warn
from voicegw.web.access import needs
from voicegw.web.console import Console, Shared
from voicegw.web.desk import Report, ServiceSilent
from voicegw.web.page import Nav, Page
from voicegw.web.rendering import render

router = APIRouter()
PAGE = Page(router, Nav("Health", "/status", "health"))
LAG_S = 10.0
"""Calls that are recorded later than this are told."""


@router.get("/status")
async def show(request: Request, console: Shared, who: Annotated[Who, Depends(needs(Role.VIEWER))]) -> Response:
    """What the service says of itself now, and what ``voicegw doctor`` finds."""
    report, said = await _report(console)
    findings = [*said, *await console.findings.now(console.clock())]
    return render(request, "health.html", {"findings": findings, "report": report}, who=who)


async def _report(console: Console) -> tuple[Report | None, list[Finding]]:
    if console.report is None:
        return None, []
    try:
        report = await console.report()
    except ServiceSilent:
        return None, [fail("service", "it does not answer", "look at its log; `voicegw serve` starts it again")]
    return report, service_findings(report)


def service_findings(report: Report) -> list[Finding]:
    """What of the service's own state a person should know; pure."""
    state = report.state
    return [_calls(report), _capacity(state), *_trunks(state), _records(state)]


def _calls(report: Report) -> Finding:
    state = report.state
    found = f"{state['talking']} talking, {state['workers_ready']} workers ready, room for {report.free_slots} more"
    if not report.not_ready_for:
        return ok("calls", found)
    to_do = (
        "raise workers.most or sip.cells, or add a machine" if not report.free_slots else "see the log of the service"
    )
    return warn("calls", f"{', '.join(report.not_ready_for)}; {found}", to_do)


def _capacity(state: dict[str, Any]) -> Finding:
    promised = state["capacity"] or "not measured: `voicegw bench capacity`"
    found = f"keeps its promise with: {promised}; sound is {state['late_ms']:.0f} ms late"
    step = Easing(state["easing"])
    if not step:
        return ok("capacity", found)
    left_out = step.name.lower().replace("_", " ")
    return warn(
        "capacity", f"overload ladder at step {int(step)} ({left_out}); {found}", "fewer calls, or another machine"
    )


def _trunks(state: dict[str, Any]) -> list[Finding]:
    to_do = "look at its address and password (sip.registrations, edge.trunks), and ask the provider"
    return [
        ok(f"trunk {name}", "answers") if answers else fail(f"trunk {name}", "does not answer, or refuses us", to_do)
        for name, answers in state["trunks"].items()
    ]


def _records(state: dict[str, Any]) -> Finding:
    if not (state["redis_up"] and state["database_up"]):
        away = "Redis" if not state["redis_up"] else "the database"
        kept = f"{state['spool_bytes']:,} bytes wait on disk, {state['lag_entries']} facts in the stream"
        return warn("records", f"{away} is away; {kept}: nothing is lost", f"bring {away} back")
    if state["lag_s"] > LAG_S:
        to_do = "the database is slow, or much is written at once"
        return warn("records", f"calls are recorded {state['lag_s']:.0f} s late", to_do)
    return ok("records", "written as calls go on")
