"""The tool: a message, once for each request."""

import time
import uuid
from typing import Literal

from pydantic import BaseModel, Field

from voicegw.actions.requests import ToolFailed, ToolResult, idempotency_key

from .channels import Channels
from .delivering import Post
from .outbox import GIVEN_UP, REFUSED, SENT, Letter
from .settings import NotifySettings

_NAMESPACE = uuid.UUID("9d5a7c8e-2f43-5d55-8f9e-0f6a1c7b3d21")
MARGIN_S = 1.0
"""Of the time limit, for the outbox."""


class Message(BaseModel):
    """What to say to whom."""

    to: str = Field(min_length=1, max_length=254)
    """An e-mail address, a phone number, or the name of a webhook."""
    subject: str = Field(max_length=200)
    body: str = Field(max_length=20_000)


class Sent(ToolResult):
    """What came of it."""

    status: Literal["done", "queued", "refused"] = "done"
    """``queued``: it is kept, and goes out as soon as it can."""
    event_id: str = ""


class Operations:
    """Messages into the outbox."""

    def __init__(self, post: Post, channels: Channels, settings: NotifySettings) -> None:
        self._post = post
        self._channels = channels
        self._settings = settings

    async def send(self, message: Message) -> Sent:
        """Send it, or keep it until it can be sent. The same key is the same message."""
        if reason := self._channels.why_not(message.to):
            return Sent(status="refused", reason=reason)
        key, now = idempotency_key(), time.time()
        event_id = str(uuid.uuid5(_NAMESPACE, key))
        letter = Letter(key, event_id, message.to, message.subject, message.body, next_at=now, created_at=now)
        kept = await self._post.accept(letter)
        if kept.state not in (SENT, REFUSED, GIVEN_UP):
            kept = await self._post.try_now(key, self._settings.time_limit_s - MARGIN_S) or kept
        if kept.state == REFUSED:
            return Sent(status="refused", reason=kept.error, event_id=event_id)
        if kept.state == GIVEN_UP:
            raise ToolFailed(f"given up: {kept.error}")
        return Sent(status="done" if kept.state == SENT else "queued", event_id=event_id)
