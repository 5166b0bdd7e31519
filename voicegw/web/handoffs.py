"""The context of a caller who was handed over: by the token of the settings, or by a signed link."""

import hmac
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from voicegw.errors import ServerAway
from voicegw.session import handoff
from voicegw.session.handoff import HandoffContext
from voicegw.web import links
from voicegw.web.console import Console, Shared
from voicegw.web.rendering import render

router = APIRouter()
_Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def _authorised(console: Shared, credentials: _Bearer) -> None:
    given, token = credentials.credentials if credentials else "", console.settings.web.token
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise HTTPException(401, "send the setting web.token as bearer token", {"WWW-Authenticate": "Bearer"})


async def _found(console: Console, key: str) -> HandoffContext:
    try:
        context = await handoff.load(console.keeps, key)
    except ServerAway as error:
        raise HTTPException(503, "the session store is away: try again", {"Retry-After": "2"}) from error
    if context is None:
        raise HTTPException(404, "no such context, or it has expired")
    return context


@router.get("/api/handoffs/{key}", dependencies=[Depends(_authorised)], tags=["handoffs"])
async def read(key: str, console: Shared) -> dict[str, object]:
    """What a person who picks up should know, by the token of the setting web.token."""
    return asdict(await _found(console, key))


@router.post("/api/handoffs/{key}/link", dependencies=[Depends(_authorised)], tags=["handoffs"])
async def make_link(key: str, request: Request, console: Shared) -> dict[str, object]:
    """A link that shows it without a token, for a while."""
    web = console.settings.web
    await _found(console, key)
    until = int(console.clock()) + web.link_minutes * 60
    return {"url": links.link(str(request.base_url), web.token, key, until), "until": until}


@router.get("/handoffs/{key}", response_class=HTMLResponse, include_in_schema=False)
async def show(key: str, request: Request, console: Shared, until: int = 0, sig: str = "") -> HTMLResponse:
    """What a person who picks up wants to see at a glance."""
    token = console.settings.web.token
    if not token or not links.is_good(token, key, until, sig, console.clock()):
        raise HTTPException(403, "this link is not good, or not any more")
    context = await _found(console, key)
    facts = {
        "Caller": context.caller,
        "Wants": context.task,
        "Why you": context.reason,
        "Sounds": context.sentiment,
        **{f"· {name}": value for name, value in context.slots.items()},
        "Tried": "; ".join(context.tried),
    }
    return render(request, "handoff.html", {"context": context, "facts": facts})
