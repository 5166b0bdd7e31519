"""What a conversation needs of the world, besides the call itself."""

from collections.abc import Callable
from dataclasses import dataclass

from voicegw.call.talker import Talker
from voicegw.outcomes.record import Fact
from voicegw.session.moments import Moment


@dataclass(frozen=True)
class Outside:
    """What a conversation needs of the world, besides the call itself."""

    emit: Callable[[Fact], None]
    save: Callable[[Talker, int], None]
    """Called after every turn with the dialog and the turn's number."""
    wall_clock: Callable[[], float]
    """Unix time in seconds."""
    show: Callable[[Moment], None] = lambda moment: None
    """Lets those who look on see it; never blocks."""
