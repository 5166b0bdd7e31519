"""What a conversation needs of whoever decides what is said: a dialplan's dialog, or the briefing of a person."""

from typing import Any, Protocol, Self

from voicegw.call.commands import Command
from voicegw.call.dialog import Decision
from voicegw.call.events import Event


class Talker(Protocol):
    """Events in, commands out; a copy goes on without changing the original."""

    def on(self, event: Event, now: float) -> list[Command]:
        """What is to be done about an event; ``now`` is seconds on the call's clock."""

    def copy(self) -> Self:
        """Independent of this one."""

    def state(self) -> dict[str, Any]:
        """All that is remembered, as plain values."""

    @property
    def task(self) -> str:
        """What is being done."""

    @property
    def question(self) -> str:
        """What was asked last."""

    @property
    def decision(self) -> Decision | None:
        """How the last turn was understood; None where nobody asks."""

    @property
    def missed(self) -> bool:
        """The last turn was not understood."""

    @property
    def disposition(self) -> str:
        """How the call ends if it ends now."""

    @property
    def tried(self) -> tuple[str, ...]:
        """Tasks done, and tools used with what came of them."""

    def masked_lines(self) -> list[tuple[str, str]]:
        """Who said what so far, with personal values hidden."""

    def masked(self, text: str) -> str:
        """``text`` with the caller's personal values hidden."""

    def spoken_slots(self) -> dict[str, str]:
        """What is known, as text; personal values masked."""
