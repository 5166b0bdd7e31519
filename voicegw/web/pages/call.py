"""One call: what was said and done, how long each reply took, its recording, and what people say of it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response

from voicegw.accounts.record import Role, Who
from voicegw.outcomes.action import ActionRow
from voicegw.outcomes.labels import Label
from voicegw.outcomes.personal import MASK
from voicegw.outcomes.show import STAGES
from voicegw.qa.replay.folder import zipped
from voicegw.qa.replay.recorded import scenario_yaml
from voicegw.qa.replay.running import recorded
from voicegw.web import calls, made_from_call
from voicegw.web.access import needs
from voicegw.web.console import Console, Shared
from voicegw.web.page import Page
from voicegw.web.rendering import render
from voicegw.web.timeline import turns_of

router = APIRouter(prefix="/calls/{call_id}")
PAGE = Page(router)
Viewer = Annotated[Who, Depends(needs(Role.VIEWER))]
Qa = Annotated[Who, Depends(needs(Role.QA))]
MADE = {"test": made_from_call.dialplan_test, "scenario": scenario_yaml}


@router.get("")
async def show(request: Request, console: Shared, who: Viewer, call_id: str) -> Response:
    """The whole of it; each turn has an address of its own (``#turn-3``)."""
    story = await calls.story(console, who, call_id)
    values = {
        "story": story,
        "call": story.call,
        "turns": turns_of(story),
        "stages": STAGES,
        "actions": [_action(row, who) for row in await console.ledger.of_call(call_id)],
        "recorded": who.may(Role.QA) and calls.has_recording(console, story.call.call_id),
        **await _labels(console, story.call.call_id),
    }
    return render(request, "call.html", values, who=who)


@router.post("/labels")
async def label(
    request: Request,
    console: Shared,
    who: Qa,
    call_id: str,
    label: Annotated[str, Form(min_length=1, max_length=60)],
    turn: Annotated[int | None, Form(ge=0, le=10_000)] = None,
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Puts a label on the call; answers the part of the page that shows them."""
    story = await calls.story(console, who, call_id)
    await console.labels.put(Label(call_id, label.strip(), console.clock(), who.user.name, turn, note.strip()))
    await console.audit.write(who.user.name, "call.labelled", call_id, label=label)
    return render(request, "call_labels.html", {"call": story.call, **await _labels(console, call_id)}, who=who)


@router.post("/labels/taken")
async def unlabel(
    request: Request, console: Shared, who: Qa, call_id: str, label: Annotated[str, Form(max_length=60)]
) -> Response:
    """Takes it off again."""
    story = await calls.story(console, who, call_id)
    await console.labels.take(call_id, label)
    await console.audit.write(who.user.name, "call.unlabelled", call_id, label=label)
    return render(request, "call_labels.html", {"call": story.call, **await _labels(console, call_id)}, who=who)


@router.get("/recording.wav")
async def recording(console: Shared, who: Qa, call_id: str) -> Response:
    """Both sides, decrypted; noted in the audit log."""
    return Response(await calls.recording(console, who, call_id), media_type="audio/wav")


@router.get("/made/{what}.yaml")
async def made(console: Shared, who: Viewer, call_id: str, what: str) -> Response:
    """A test of a dialplan, or a scenario, that does what this caller did."""
    if what not in MADE:
        raise HTTPException(404, f"made of a call: {' or '.join(MADE)}")
    if not who.sees_words:
        raise HTTPException(403, "what callers said is not shown to you")
    story = await calls.story(console, who, call_id)
    await console.audit.write(who.user.name, f"{what}.made", story.call.call_id)
    return PlainTextResponse(MADE[what](story), media_type="application/yaml")


@router.get("/made/scenario.zip")
async def made_with_voice(console: Shared, who: Qa, call_id: str) -> Response:
    """The scenario of a recorded call: its folder, with what tools answered and the caller's own voice."""
    story = await calls.story(console, who, call_id)
    kept = await asyncio.to_thread(recorded, story, console.settings)
    if kept.recording is None:
        raise HTTPException(404, "this call was not recorded, or is kept no more")
    await console.audit.write(who.user.name, "recording.heard", story.call.call_id)
    await console.audit.write(who.user.name, "scenario.made", story.call.call_id)
    packed = await asyncio.to_thread(zipped, story, kept.recording)
    return Response(packed, media_type="application/zip")


async def _labels(console: Console, call_id: str) -> dict[str, object]:
    return {"labels": await console.labels.of_call(call_id), "known": await console.labels.known()}


def _action(row: ActionRow, who: Who) -> dict[str, object]:
    """What a write was asked with and what it answered: values for QA alone."""
    shown = who.may(Role.QA)
    return {
        "tool": row.tool,
        "state": row.state,
        "status": row.status,
        "question": row.question if who.sees_words else MASK,
        "answer": row.answer if who.sees_words else MASK,
        "arguments": {name: value if shown else MASK for name, value in row.arguments.items()},
        "result": {name: value if shown else MASK for name, value in row.result.items()},
        "took_s": None if row.finished_at is None else row.finished_at - row.requested_at,
        "notice": row.notice_status,
    }
