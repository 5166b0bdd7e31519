"""Calls: the list of them, and what is asked of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from voicegw.accounts.record import Role, Who
from voicegw.outcomes.record import DISPOSITIONS
from voicegw.web.access import needs
from voicegw.web.calls import found
from voicegw.web.console import Shared
from voicegw.web.page import Nav, Page
from voicegw.web.rendering import render
from voicegw.web.search import PAGE_CALLS, Search

router = APIRouter()
PAGE = Page(router, Nav("Calls", "/calls", "calls"))
Viewer = Annotated[Who, Depends(needs(Role.VIEWER))]


@router.get("/")
async def first(_: Viewer) -> Response:
    """Whoever signs in begins here."""
    return RedirectResponse("/calls", 303)


@router.get("/calls")
async def listed(request: Request, console: Shared, who: Viewer, search: Annotated[Search, Depends()]) -> Response:
    """Newest first; the search is in the address, so that it can be kept and sent."""
    calls = await found(console, who, search)
    values = {
        "calls": calls,
        "search": search,
        "outcomes": DISPOSITIONS,
        "labels": await console.labels.known(),
        "next": search.address(calls[-1]) if len(calls) == PAGE_CALLS else "",
    }
    return render(request, "calls.html", values, who=who)
