"""Health: what is up, and what to do about what is not."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from voicegw.accounts.record import Role, Who
from voicegw.web.access import needs
from voicegw.web.console import Shared
from voicegw.web.page import Nav, Page
from voicegw.web.rendering import render

router = APIRouter()
PAGE = Page(router, Nav("Health", "/status", "health"))


@router.get("/status")
async def show(request: Request, console: Shared, who: Annotated[Who, Depends(needs(Role.VIEWER))]) -> Response:
    """What ``voicegw doctor`` finds, seen from the running service."""
    findings = await console.findings.now(console.clock())
    return render(request, "health.html", {"findings": findings}, who=who)
