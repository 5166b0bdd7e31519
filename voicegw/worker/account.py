"""Tells what happens in a call besides its turns: values given, tools asked, transfers tried."""

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from voicegw.call.commands import ActionRequest, Effect, Transfer
from voicegw.call.events import ActionResult, Event, TransferFailed
from voicegw.call.talker import Talker
from voicegw.outcomes.record import REHEARSED, Fact, SlotFilled, ToolAnswered, TransferTried
from voicegw.worker.handing_over import HandsOver, Tell
from voicegw.worker.hands import Run


class HasSlots(Protocol):
    """What is asked of a dialog."""

    def spoken_slots(self) -> dict[str, str]:
        """Slots as text; personal ones masked."""


class Account:
    """Of one call. Belongs to the worker's event loop.

    :param emit: takes the facts.
    :param known: slots that another worker has told of already.
    :param rehearses: what writes is only said to be done.
    """

    def __init__(
        self,
        call_id: str,
        emit: Callable[[Fact], None],
        wall_clock: Callable[[], float],
        known: Mapping[str, str],
        *,
        rehearses: bool = False,
    ) -> None:
        self._call_id = call_id
        self._emit = emit
        self._wall_clock = wall_clock
        self._rehearses = rehearses
        self._known = dict(known)

    def turn_over(self, dialog: HasSlots) -> None:
        """Tell of the slots that are new, or have other values than before."""
        slots = dialog.spoken_slots()
        for name, value in slots.items():
            if self._known.get(name) != value:
                self._emit(SlotFilled(self._call_id, self._wall_clock(), name, value))
        self._known = slots

    def of(self, run: Run) -> Run:
        """``run``, told of."""

        async def told(request: ActionRequest) -> ActionResult:
            began = time.monotonic()
            result = await run(request)
            took_ms = round((time.monotonic() - began) * 1000, 1)
            answered = ToolAnswered(
                self._call_id,
                self._wall_clock(),
                request.id,
                request.tool,
                REHEARSED if self._rehearses and request.effect is Effect.WRITES else str(request.effect),
                result.status,
                took_ms,
            )
            self._emit(answered)
            return result

        return told


class ToldHandsOver:
    """``inner``, with each transfer told when it begins, and again if it fails."""

    def __init__(
        self, inner: HandsOver, call_id: str, emit: Callable[[Fact], None], wall_clock: Callable[[], float]
    ) -> None:
        self._inner = inner
        self._call_id = call_id
        self._emit = emit
        self._wall_clock = wall_clock
        self._transfer: Transfer | None = None
        self._number = 0

    def begin(self, transfer: Transfer, talker: Talker, tell: Tell) -> None:
        """See ``HandsOver``."""
        self._transfer = transfer
        self._number += 1
        self._tried(transfer, 0)
        self._inner.begin(transfer, talker, self._watching(tell))

    def came_back(self, sip_status: int, tell: Tell) -> None:
        """See ``HandsOver``."""
        self._inner.came_back(sip_status, self._watching(tell))

    def _watching(self, tell: Tell) -> Tell:
        def told(event: Event) -> None:
            if isinstance(event, TransferFailed) and self._transfer:
                self._tried(self._transfer, event.sip_status)
            tell(event)

        return told

    def _tried(self, transfer: Transfer, sip_status: int) -> None:
        at = self._wall_clock()
        self._emit(TransferTried(self._call_id, at, self._number, transfer.target, transfer.reason, sip_status))
