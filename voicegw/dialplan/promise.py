"""A promise: what takes longer than a caller should wait is told in a message when it ends."""

from collections.abc import Iterator

from pydantic import Field

from voicegw.dialplan.part import Name, Part, Spoken, Wordings
from voicegw.dialplan.templates import Template


class Promise(Part):
    """What the caller is promised when a tool takes long. The message goes out when it ends, with what came of it; also
    if the caller hangs up before they heard it.

    Example::

        say: This takes a little longer. I'll send you an e-mail once it's done.
        to: "{email}"
        subject: Your order {order_id}
        messages:
          done: We have refunded {amount}.
        otherwise: We could not refund order {order_id}. Please call us again.
    """

    after_s: float = Field(10, gt=0, le=120, description="How long the caller waits before.")
    say: Wordings = Field(description="The words of the promise.")
    to: Spoken = Field(description="Whom the message goes to.")
    subject: Spoken = Field(description="Its subject.")
    messages: dict[Name, Spoken] = Field(default_factory=dict, description="Its text, by result.")
    otherwise: Spoken = Field(description="Its text for all other results.")
    tool: str = Field(
        "notify.send",
        pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$",
        description="What sends it: takes `to`, `subject` and `body`.",
    )

    def written(self) -> Iterator[tuple[tuple[str, ...], Template]]:
        """What is written, each with its place here."""
        yield ("to",), self.to
        yield ("subject",), self.subject
        yield ("otherwise",), self.otherwise
        for status, text in self.messages.items():
            yield ("messages", status), text

    def templates(self) -> Iterator[Template]:
        """All that has values in it."""
        yield from self.say
        yield from (template for _, template in self.written())
