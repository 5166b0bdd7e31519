"""The audit log: who changed what, and who looked at what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from voicegw.accounts.audit import Looked
from voicegw.accounts.record import Role, Who
from voicegw.web.access import needs
from voicegw.web.console import Shared
from voicegw.web.page import Nav, Page
from voicegw.web.rendering import render

router = APIRouter()
PAGE = Page(router, Nav("Audit", "/audit", "audit", Role.ADMIN))


@router.get("/audit")
async def show(
    request: Request,
    console: Shared,
    looked: Annotated[Looked, Depends()],
    who: Annotated[Who, Depends(needs(Role.ADMIN))],
) -> Response:
    """Newest first, a page at a time."""
    lines = await console.audit.lines(looked)
    more = len(lines) == looked.limit
    return render(request, "audit.html", {"lines": lines, "looked": looked, "more": more}, who=who)
