"""Calls: the list of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from voicegw.accounts.record import Role, Who
from voicegw.outcomes.personal import masked_call
from voicegw.outcomes.queries import Wanted
from voicegw.web.access import needs
from voicegw.web.console import Shared
from voicegw.web.page import Nav, Page
from voicegw.web.rendering import render

router = APIRouter()
PAGE = Page(router, Nav("Calls", "/calls", "calls"))
Viewer = Annotated[Who, Depends(needs(Role.VIEWER))]


@router.get("/")
async def first(_: Viewer) -> Response:
    """Whoever signs in begins here."""
    return RedirectResponse("/calls", 303)


@router.get("/calls")
async def listed(request: Request, console: Shared, who: Viewer) -> Response:
    """Newest first."""
    calls = await console.outcomes.list_calls(Wanted(limit=50))
    shown = calls if who.sees_words else [masked_call(call) for call in calls]
    return render(request, "calls.html", {"calls": shown}, who=who)
