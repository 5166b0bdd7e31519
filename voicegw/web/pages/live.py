"""Live: the calls in progress, and what can be done with them."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response, StreamingResponse

from voicegw.accounts.record import Role, Who
from voicegw.errors import WireError
from voicegw.session.orders import Deed, new_order
from voicegw.web.access import needs
from voicegw.web.console import Console, Shared
from voicegw.web.offer import Offer
from voicegw.web.page import Nav, Page
from voicegw.web.rendering import render

router = APIRouter()
PAGE = Page(router, Nav("Live", "/live", "live"))
Viewer = Annotated[Who, Depends(needs(Role.VIEWER))]
Qa = Annotated[Who, Depends(needs(Role.QA))]
Publisher = Annotated[Who, Depends(needs(Role.PUBLISHER))]
_NOTED: dict[Deed, str] = {"hang_up": "call.hung_up", "hand_over": "call.handed_over"}


@router.get("/live")
async def show(request: Request, who: Viewer) -> Response:
    """All of them; the browser fills the list."""
    return render(request, "live.html", {}, who=who)


@router.get("/live/events")
async def watch(console: Shared, who: Viewer) -> StreamingResponse:
    """Server-sent events: ``{"calls": […], "gone": […], "all": …}``."""
    return _events(_list(console, masked=not who.sees_words))


@router.get("/live/{call_id}")
async def show_one(request: Request, call_id: str, console: Shared, who: Viewer) -> Response:
    """One of them."""
    await console.audit.write(who.user.name, "call.watched", call_id)
    values = {
        "call_id": call_id,
        "may_act": who.may(Role.PUBLISHER),
        "may_listen": who.may(Role.QA),
        "ice_servers": console.settings.web.ice_servers,
    }
    return render(request, "live_call.html", values, who=who)


@router.get("/live/{call_id}/events")
async def watch_one(call_id: str, console: Shared, who: Viewer) -> StreamingResponse:
    """Server-sent events: all that is known of the call, at every change; ``{"over": true}`` at its end."""
    return _events(_one(console, call_id, masked=not who.sees_words))


@router.post("/live/{call_id}/hang-up")
async def hang_up(call_id: str, console: Shared, who: Publisher) -> Response:
    """BYE."""
    return await _order(console, who, call_id, "hang_up")


@router.post("/live/{call_id}/hand-over")
async def hand_over(call_id: str, console: Shared, who: Publisher) -> Response:
    """To the person whom the dialplan names."""
    return await _order(console, who, call_id, "hand_over")


@router.post("/live/{call_id}/listen")
async def listen(call_id: str, console: Shared, who: Qa, offer: Offer) -> dict[str, str]:
    """Listen in: both sides, in the browser whose offer this is."""
    await console.audit.write(who.user.name, "call.listened_to", call_id)
    try:
        return {"sdp": await console.listening.begin(call_id, who.user.name, offer.sdp)}
    except WireError as error:
        raise HTTPException(422, str(error)) from None


async def _order(console: Console, who: Who, call_id: str, deed: Deed) -> Response:
    await console.audit.write(who.user.name, _NOTED[deed], call_id)
    answer = await console.live.link.order(new_order(call_id, deed, who.user.name, console.clock()))
    if answer is None:
        raise HTTPException(409, "this call is over")
    return Response(status_code=204)


async def _list(console: Console, *, masked: bool) -> AsyncIterator[dict[str, Any]]:
    board, is_first = console.live.board, True
    async for changed in console.live.changes():
        calls = [board.summary(call_id, masked=masked) for call_id in board.ids if call_id in changed]
        yield {"calls": calls, "gone": [call_id for call_id in changed if not board.has(call_id)], "all": is_first}
        is_first = False


async def _one(console: Console, call_id: str, *, masked: bool) -> AsyncIterator[dict[str, Any]]:
    board, is_first = console.live.board, True
    async for changed in console.live.changes():
        if not board.has(call_id):
            yield {"over": True}
            return
        yield board.details(call_id, masked=masked) if is_first or call_id in changed else {}
        is_first = False


def _events(told: AsyncIterator[dict[str, Any]]) -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        async for each in told:
            # A line that begins with a colon is a comment: it only keeps the connection open (WHATWG HTML §9.2.6).
            yield f"data: {json.dumps(each)}\n\n" if any(each.values()) else ": still there\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
