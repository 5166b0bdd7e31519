"""The course that a call takes: its dialog, and where it goes back to when the caller takes something back.

A turn that was taken for over may go on, and somebody who was told goodbye may have one thing more. What had been
decided is void then, as long as nothing of it was done that cannot be undone.
"""

from collections.abc import Sequence
from enum import Enum, auto

from voicegw.call.commands import Command, Effect, Hangup, StartAction, Transfer
from voicegw.call.events import Event
from voicegw.call.talker import Talker


class Void(Enum):
    """What a caller takes back by speaking."""

    NOTHING = auto()
    GOODBYE = auto()
    """The call does not end."""
    TURN = auto()
    """Also the last turn, whose words are part of the new one's."""


class Course:
    """One call's. Pure."""

    def __init__(self, dialog: Talker) -> None:
        self.dialog = dialog
        """As it stands."""
        self.generation = 0
        """Grows when a turn is taken back: results of what it had started are not for the dialog any more."""
        self._before_turn: Talker | None = None
        self._before_goodbye: Talker | None = None

    def tell(self, event: Event, now: float) -> list[Command]:
        """What is to be done about an event; ``now`` is seconds on the call's clock."""
        before = self.dialog.copy()
        commands = self.dialog.on(event, now)
        if any(isinstance(command, Hangup) for command in commands):
            self._before_goodbye = before
        if is_final(commands):
            self._before_turn = None
        if any(isinstance(command, Transfer) for command in commands):
            self._before_goodbye = None
        return commands

    def addressed(self, *, continues: bool) -> Talker:
        """Whom the caller speaks to: the dialog, or as it was before the turn that is gone on with, or before goodbye.

        :param continues: the caller goes on with the last turn.
        """
        return (self._before_turn if continues else None) or self._before_goodbye or self.dialog

    def begin_turn(self, *, continues: bool) -> Void:
        """The caller has said something to the dialog that is ``addressed``."""
        addressed = self.addressed(continues=continues)
        void = Void.NOTHING if addressed is self.dialog else Void.GOODBYE
        if continues and self._before_turn:
            void = Void.TURN
            self.generation += 1
        self.dialog, self._before_turn, self._before_goodbye = addressed, addressed.copy(), None
        return void


def is_final(commands: Sequence[Command]) -> bool:
    """Once one of these has been asked for, the turn that asked for it cannot be taken back."""
    return any(
        isinstance(command, Transfer) or (isinstance(command, StartAction) and command.request.effect is Effect.WRITES)
        for command in commands
    )
