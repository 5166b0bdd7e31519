"""Try it: a draft is talked to from the browser, as callers will, and what happens is seen as it happens; or it is
chatted with by text."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from voicegw.accounts.record import Role, Who
from voicegw.errors import WireError
from voicegw.publishing.record import Draft
from voicegw.session.live import MOMENTS, LiveLink
from voicegw.session.store import EVENTS
from voicegw.web.access import needs
from voicegw.web.chatting import Trial
from voicegw.web.console import Console, Shared
from voicegw.web.offer import TryOffer
from voicegw.web.page import Page
from voicegw.web.rendering import render
from voicegw.web.talking import Talking

router = APIRouter()
PAGE = Page(router)
Editor = Annotated[Who, Depends(needs(Role.EDITOR))]
LOOK_BACK_S = 20.0
"""A page that asks a little late misses nothing."""
SHOWN = ("CallerHeard", "AgentSpeaks", "TurnTaken", "SlotFilled", "ToolAnswered", "TransferTried", "CallClosed")


class Keys(BaseModel):
    """Pressed on the page."""

    keys: str = Field(pattern=r"^[0-9*#]{1,30}$")


class Line(BaseModel):
    """Typed on the page."""

    line: str | None = Field(None, max_length=2_000)
    """``#12`` are keys, empty is silence, all else is said; None: nothing is, only the greeting is wanted."""
    anew: bool = False
    """In a new conversation."""
    for_real: bool = False
    """What is confirmed is done; else it is only said to be."""


@router.post("/dialplans/{name}/call")
async def call(console: Shared, who: Editor, name: str, offer: TryOffer) -> dict[str, str]:
    """Begin to talk to the draft, or to what is in force as a draft of the same text."""
    talking = _talking(console)
    _may(who, for_real=offer.for_real)
    draft = await _draft(console, name)
    await talking.prepare(draft)
    try:
        call_id, answer = await talking.call(draft, name, who.user.name, offer.sdp, for_real=offer.for_real)
    except WireError as error:
        raise HTTPException(422, str(error)) from None
    await console.audit.write(
        who.user.name, "draft.called", name, revision=draft.revision, call=call_id, for_real=offer.for_real
    )
    return {"call_id": call_id, "sdp": answer}


@router.post("/dialplans/{name}/chat")
async def chat(request: Request, console: Shared, who: Editor, name: str, said: Line) -> Response:
    """Say something to the draft by text; answers the part of the page that shows what is new."""
    _may(who, for_real=said.for_real)
    draft = await _draft(console, name)
    how = Trial(who.user.name, anew=said.anew, for_real=said.for_real)
    answered = await console.chatting.take(draft, said.line, how)
    if answered.opening:
        await console.audit.write(who.user.name, "draft.chatted", name, revision=draft.revision, for_real=said.for_real)
    return render(
        request, "chat_turn.html", {"answered": answered, "line": said.line, "for_real": said.for_real}, who=who
    )


@router.post("/dialplans/{name}/prepare")
async def prepare(console: Shared, _: Editor, name: str) -> dict[str, bool]:
    """Let workers know the draft ahead, so that talking begins at once."""
    draft = await console.drafts.find(name)
    if draft is not None:
        await _talking(console).prepare(draft)
    return {"ready": draft is not None}


@router.post("/tries/{call_id}/end")
async def end(console: Shared, who: Editor, call_id: str) -> dict[str, bool]:
    """Hang up."""
    found = _talking(console).find(call_id, who.user.name)
    if found:
        found.end("caller")
    return {"ended": found is not None}


@router.post("/tries/{call_id}/keys")
async def press(console: Shared, who: Editor, call_id: str, keys: Keys) -> dict[str, bool]:
    """Press keys, as on a phone."""
    found = _talking(console).find(call_id, who.user.name)
    if found:
        found.press(keys.keys)
    return {"pressed": found is not None}


@router.get("/tries/{call_id}/events")
async def events(console: Shared, who: Editor, call_id: str) -> StreamingResponse:
    """What happens in the call, as it happens."""
    if _talking(console).find(call_id, who.user.name) is None:
        raise HTTPException(404, "this call is over")
    return StreamingResponse(_happening(console, call_id), media_type="text/event-stream")


async def _happening(console: Console, call_id: str) -> AsyncIterator[str]:
    live = LiveLink(console.settings.redis_url)
    try:
        since = f"{int((console.clock() - LOOK_BACK_S) * 1000)}-0"
        positions = {EVENTS: since, MOMENTS: since}
        while True:
            yield ": \n\n"  # whoever has gone is noticed
            for _, entry in await live.read(positions):
                kind = str(entry.fields.get("kind"))
                values = json.loads(entry.fields.get("fact") or entry.fields.get("moment") or "{}")
                if values.get("call_id") != call_id or kind not in SHOWN:
                    continue
                yield f"event: {kind}\ndata: {json.dumps(values)}\n\n"
                if kind == "CallClosed":
                    return
    finally:
        await live.close()


async def _draft(console: Console, name: str) -> Draft:
    draft = await console.drafts.find(name)
    if draft is None:
        raise HTTPException(409, f"{name} has no draft: change something first")
    return draft


def _may(who: Who, *, for_real: bool) -> None:
    """Who may put a dialplan in force for callers may also let a draft act; others rehearse."""
    if for_real and not who.may(Role.PUBLISHER):
        raise HTTPException(403, "only a publisher may let a draft do what is confirmed for real")


def _talking(console: Console) -> Talking:
    if console.talking is None:
        raise HTTPException(503, "there is no service here to talk to")
    return console.talking
