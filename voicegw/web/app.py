"""The HTTP API: the context of a caller who was handed over, by token or by a signed link."""

import hmac
import html
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from voicegw import __version__
from voicegw.config import WebSettings
from voicegw.errors import ServerAway
from voicegw.session import handoff
from voicegw.session.handoff import HandoffContext, Keeps
from voicegw.web import links

NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
"""A person's data: not for caches, and not for the sites that a page links to."""
_Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def make(settings: WebSettings, store: Keeps, clock: Callable[[], float] = time.time) -> FastAPI:
    """The application. Without a token in the settings every request is refused."""
    app = FastAPI(title="voicegw", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)

    def authorised(credentials: _Bearer) -> None:
        given = credentials.credentials if credentials else ""
        if not settings.token or not hmac.compare_digest(given.encode(), settings.token.encode()):
            raise HTTPException(401, "send the setting web.token as bearer token", {"WWW-Authenticate": "Bearer"})

    async def found(key: str) -> HandoffContext:
        try:
            context = await handoff.load(store, key)
        except ServerAway as error:
            raise HTTPException(503, "the session store is away: try again", {"Retry-After": "2"}) from error
        if context is None:
            raise HTTPException(404, "no such context, or it has expired")
        return context

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/api/handoffs/{key}", dependencies=[Depends(authorised)])
    async def read(key: str) -> dict[str, object]:
        return asdict(await found(key))

    @app.post("/api/handoffs/{key}/link", dependencies=[Depends(authorised)])
    async def make_link(key: str, request: Request) -> dict[str, object]:
        await found(key)
        until = int(clock()) + settings.link_minutes * 60
        return {"url": links.link(str(request.base_url), settings.token, key, until), "until": until}

    @app.get("/handoffs/{key}", response_class=HTMLResponse)
    async def show(key: str, until: int = 0, sig: str = "") -> HTMLResponse:
        if not settings.token or not links.is_good(settings.token, key, until, sig, clock()):
            raise HTTPException(403, "this link is not good, or not any more")
        return HTMLResponse(page(await found(key)), headers=NO_STORE)

    return app


def page(context: HandoffContext) -> str:
    """What a person who picks up wants to see at a glance."""
    facts = {
        "Caller": context.caller,
        "Wants": context.task,
        "Why you": context.reason,
        "Sounds": context.sentiment,
        **{f"· {name}": value for name, value in context.slots.items()},
        "Tried": "; ".join(context.tried),
    }
    rows = "".join(f"<tr><th>{_(name)}</th><td>{_(value)}</td></tr>" for name, value in facts.items() if value)
    lines = "".join(f"<p><b>{_(who)}</b> {_(text)}</p>" for who, text in context.lines)
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Caller {_(context.caller)}</title><style>body{{font:16px/1.5 sans-serif;max-width:45rem;margin:2rem "
        "auto;padding:0 1rem}th{text-align:left;padding-right:1.5rem;vertical-align:top}</style>"
        f"<h1>{_(context.reason)}</h1><table>{rows}</table><h2>What was said</h2>{lines}</html>"
    )


def _(text: str) -> str:
    return html.escape(text)
