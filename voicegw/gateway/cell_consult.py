"""A caller and the person who is called on the caller's behalf: two calls of one cell that may become one."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicegw.gateway.cell_call import CellCall


class Consultation:
    """Belongs to the cell's main thread. Until ``join`` the two hear nothing of each other.

    :param now: monotonic seconds.
    """

    def __init__(self, caller: "CellCall", person: "CellCall", ring_timeout_s: float, now: float) -> None:
        self.caller = caller
        self.person = person
        self.joined = False
        """They hear each other, and no worker is needed."""
        self._ring_due = now + ring_timeout_s

    def rings_too_long(self, now: float) -> bool:
        """Nobody has answered within the time given."""
        return not self.person.answered and now > self._ring_due

    def join(self) -> bool:
        """Let both go on without us; the calls are over when either leaves. False: one of them is not there."""
        if self.joined or self.caller.over or self.person.over or not self.person.up:
            return False
        self.joined = True
        self.caller.leg.join(self.person.leg)
        self.caller.leave_worker("joined with a person")
        self.person.leave_worker("joined with a caller")
        return True

    def left(self, call: "CellCall") -> None:
        """``call`` is over: a caller leaves nobody ringing, a person who was joined leaves no caller waiting."""
        if call is self.caller and not self.person.over:
            self.person.end("agent", "the caller is gone")
        elif call is self.person and self.joined and not self.caller.over:
            self.caller.end("agent", "the person hung up")
