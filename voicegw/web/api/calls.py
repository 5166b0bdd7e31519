"""Calls, for programs."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, Field

from voicegw.accounts.record import Role, Who
from voicegw.outcomes.columns import call_to_columns
from voicegw.outcomes.exporting import story_values, to_csv, to_json
from voicegw.outcomes.labels import Label
from voicegw.web import calls
from voicegw.web.access import needs
from voicegw.web.console import Shared
from voicegw.web.search import PAGE_CALLS, Search

router = APIRouter(tags=["calls"])
Viewer = Annotated[Who, Depends(needs(Role.VIEWER))]
Qa = Annotated[Who, Depends(needs(Role.QA))]
Asked = Annotated[Search, Depends()]
CallId = Annotated[str, Path(max_length=200)]


class CallPage(BaseModel):
    """Calls, newest first, and how to ask for those that follow."""

    calls: list[dict[str, Any]]
    next: str = Field(description="Query string of the next page; empty: this is the last.")


class NewLabel(BaseModel):
    """What somebody says of a call."""

    turn: int | None = Field(None, ge=0, le=10_000)
    note: str = Field("", max_length=500)


@router.get("/calls")
async def listed(console: Shared, who: Viewer, search: Asked) -> CallPage:
    """Calls, newest first, 50 at a time."""
    found = await calls.found(console, who, search)
    following = search.address(found[-1]) if len(found) == PAGE_CALLS else ""
    return CallPage(calls=[call_to_columns(call) for call in found], next=following)


@router.get("/calls.csv", response_class=StreamingResponse)
async def csv(console: Shared, who: Viewer, search: Asked) -> StreamingResponse:
    """All calls that are found, as CSV (RFC 4180), a line each."""
    stories = await calls.exported(console, who, search)
    return _attached(StreamingResponse(to_csv(stories), media_type="text/csv; charset=utf-8"), "calls.csv")


@router.get("/calls.json", response_class=StreamingResponse)
async def json(console: Shared, who: Viewer, search: Asked) -> StreamingResponse:
    """All calls that are found, with turns and events, as JSON."""
    stories = await calls.exported(console, who, search)
    return _attached(StreamingResponse(to_json(stories), media_type="application/json"), "calls.json")


@router.get("/calls/{call_id}")
async def show(call_id: CallId, console: Shared, who: Viewer) -> dict[str, Any]:
    """A call with its turns and events; what callers said and gave is masked for viewers."""
    return story_values(await calls.story(console, who, call_id))


@router.get("/calls/{call_id}/recording", response_class=Response, responses={200: {"content": {"audio/wav": {}}}})
async def recording(call_id: CallId, console: Shared, who: Qa) -> Response:
    """Its recording as WAV: the caller left, the agent right. Noted in the audit log."""
    return Response(await calls.recording(console, who, call_id), media_type="audio/wav")


@router.get("/calls/{call_id}/labels")
async def labels(call_id: CallId, console: Shared, who: Viewer) -> list[Label]:
    """What people said of it."""
    story = await calls.story(console, who, call_id)
    return await console.labels.of_call(story.call.call_id)


@router.put("/calls/{call_id}/labels/{label}", status_code=204)
async def put_label(
    call_id: CallId, label: Annotated[str, Path(min_length=1, max_length=60)], new: NewLabel, console: Shared, who: Qa
) -> None:
    """Put a label on it."""
    story = await calls.story(console, who, call_id)
    await console.labels.put(Label(story.call.call_id, label, console.clock(), who.user.name, new.turn, new.note))
    await console.audit.write(who.user.name, "call.labelled", story.call.call_id, label=label)


@router.delete("/calls/{call_id}/labels/{label}", status_code=204)
async def take_label(
    call_id: CallId, label: Annotated[str, Path(min_length=1, max_length=60)], console: Shared, who: Qa
) -> None:
    """Take it off."""
    story = await calls.story(console, who, call_id)
    await console.labels.take(story.call.call_id, label)
    await console.audit.write(who.user.name, "call.unlabelled", story.call.call_id, label=label)


def _attached(answer: StreamingResponse, name: str) -> StreamingResponse:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
