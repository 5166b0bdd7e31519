"""Messages to people and to other systems: e-mail by SMTP, webhooks with a signature. What is accepted is kept."""

from typing import Any

from voicegw.actions.requests import Effect, Integration, Tool

from .channels import Channels
from .delivering import Post
from .outbox import Outbox
from .sending import Message, Operations, Sent
from .settings import NotifySettings


def integration(settings: dict[str, Any]) -> Integration:
    """The integration, from its settings."""
    own = NotifySettings.model_validate(settings)
    outbox, channels = Outbox(own.data_dir / "notify.sqlite"), Channels(own)
    post = Post(outbox, channels, own)

    async def close() -> None:
        await post.close()
        await channels.close()
        await outbox.close()

    async def health() -> str:
        return "; ".join(said for said in (await channels.health(), await outbox.health()) if said)

    tool = Tool(
        "notify.send",
        Effect.WRITES,
        Message,
        Sent,
        Operations(post, channels, own).send,
        own.time_limit_s,
        "Sends a message to an e-mail address, a phone number or a webhook.",
    )
    return Integration("notify", (tool,), close=close, health=health, work=post.work)
