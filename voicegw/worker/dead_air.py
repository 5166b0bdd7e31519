"""Fills the wait for a slow reply with a few words, once, and never after the reply has begun."""

import asyncio
from collections.abc import Callable

from voicegw.call.commands import Say
from voicegw.call.fillers import Fillers
from voicegw.worker.clock import MediaClock

DEAD_AIR_MS = 700
"""So long after the caller's last voice without a reply, the agent says that it is at work."""


class DeadAir:
    """Watches the waits of one call. Belongs to the worker's event loop.

    :param is_dead: whether something is being waited for and nothing has been said.
    :param say: speaks.
    """

    def __init__(
        self, fillers: Fillers, clock: MediaClock, is_dead: Callable[[], bool], say: Callable[[Say], None]
    ) -> None:
        self.words = ""
        """The dialplan's own for the wait that is on; empty: the usual ones."""
        self._fillers = fillers
        self._clock = clock
        self._is_dead = is_dead
        self._say = say
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, last_voice_ms: float) -> None:
        """A turn of the caller ended, with its last voice then."""
        self.stop()
        delay_s = max(last_voice_ms + DEAD_AIR_MS - self._clock.now_ms(), 0) / 1000
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._speak_up)

    def stop(self) -> None:
        """The call is over, or another turn."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _speak_up(self) -> None:
        if not self._is_dead():
            return
        text, self.words = self._fillers.next(self.words), ""
        if text:
            self._say(Say(text, filler=True, repeats=True))
