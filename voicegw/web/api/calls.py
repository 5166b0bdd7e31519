"""Calls, for programs."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException

from voicegw.accounts.record import Role, Who
from voicegw.outcomes.exporting import story_values
from voicegw.outcomes.personal import masked_story
from voicegw.web.access import needs
from voicegw.web.console import Shared

router = APIRouter(prefix="/calls", tags=["calls"])


@router.get("/{call_id}")
async def show(call_id: str, console: Shared, who: Annotated[Who, Depends(needs(Role.VIEWER))]) -> dict[str, Any]:
    """A call with its turns and events; what callers said and gave is masked for viewers."""
    story = await console.outcomes.show_call(call_id)
    if story is None:
        raise HTTPException(404, f"there is no call {call_id}")
    return story_values(story if who.sees_words else masked_story(story))
