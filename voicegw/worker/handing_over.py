"""Gives the caller to a person, when the agent has said that it will."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from voicegw import log
from voicegw.call.briefing import Briefing, ReadYesNo, Words, words_of
from voicegw.call.commands import Transfer
from voicegw.call.events import Event, TransferFailed, TransferLasted
from voicegw.call.talker import Talker
from voicegw.dialplan.model import Dialplan
from voicegw.errors import ServerAway
from voicegw.nlu.en.sentiment import sentiment
from voicegw.session.handoff import HandoffContext, headers, new_key
from voicegw.wire import link as wire_link
from voicegw.wire.link import Link
from voicegw.wire.messages import CallEnded, CallStarted, ConsultPerson, JoinPerson, TransferCall

logger = log.get_logger()

WAITING_WORDS_EVERY_S = 8.0
"""So often a caller hears that a person is still being called."""
DECLINED, NO_ANSWER, NO_LINE = 603, 480, 503
Tell = Callable[[Event], None]


class HandsOver(Protocol):
    """What is done with a caller, or a person, that the talker gives away."""

    def begin(self, transfer: Transfer, talker: Talker, tell: Tell) -> None:
        """Everything that was to be said has been heard. ``tell`` takes what becomes of it."""

    def came_back(self, sip_status: int, tell: Tell) -> None:
        """The line says that the person could not be reached."""


class Meeting(Protocol):
    """A conversation with a person, on a link of its own."""

    ended: CallEnded | None

    async def run(self) -> None:
        """Until the call has ended."""


class JoiningHandsOver:
    """A person has taken the caller: the cell joins the two."""

    def __init__(self, callers_link: Link) -> None:
        self._callers_link = callers_link

    def begin(self, transfer: Transfer, talker: Talker, tell: Tell) -> None:
        """Both conversations end by this."""
        with contextlib.suppress(ConnectionError):
            self._callers_link.send(JoinPerson())

    def came_back(self, sip_status: int, tell: Tell) -> None:
        """Joining is no transfer of the person's line: nothing comes back."""


class HandingOver:
    """The way to a person from one call. Belongs to the worker's event loop.

    :param keep: stores what the person should know, under a key.
    :param meet: makes a conversation on a link, with a briefing in the dialog's place.
    """

    def __init__(
        self,
        started: CallStarted,
        link: Link,
        plan: Dialplan,
        keep: Callable[[str, HandoffContext], Awaitable[None]],
        meet: Callable[[Link, Briefing], Meeting],
        read_yes_no: ReadYesNo,
    ) -> None:
        self._started = started
        self._link = link
        self._plan = plan
        self._keep = keep
        self._meet = meet
        self._read_yes_no = read_yes_no
        self._task: asyncio.Task[None] | None = None

    def begin(self, transfer: Transfer, talker: Talker, tell: Tell) -> None:
        """Reach the person; failures are told, success ends the call."""
        self._task = asyncio.create_task(self._hand_over(transfer, talker, tell))

    def came_back(self, sip_status: int, tell: Tell) -> None:
        """The caller is the agent's again."""
        tell(TransferFailed(sip_status))

    async def stop(self) -> None:
        """The call is over: nobody is to be reached any more."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _hand_over(self, transfer: Transfer, talker: Talker, tell: Tell) -> None:
        context = await self._stored_context(transfer, talker)
        ring_s = self._plan.handoff.ring_s
        try:
            if self._plan.handoff.mode == "attended" and await self._attended(transfer, talker, context, tell):
                return
            self._link.send(TransferCall(transfer.target, context, ring_s))
        except ConnectionError:
            logger.info("handoff.caller_gone")

    async def _stored_context(self, transfer: Transfer, talker: Talker) -> dict[str, str]:
        """The headers that point to it; none where it could not be stored: the caller gets a person all the same."""
        started, lines = self._started, talker.masked_lines()
        context = HandoffContext(
            started.call_id,
            time.time(),
            started.caller,
            started.callee,
            self._plan.name,
            transfer.reason,
            task=transfer.task or talker.task,
            slots=talker.spoken_slots(),
            tried=talker.tried,
            lines=tuple(lines),
            sentiment=sentiment([text for who, text in lines if who == "caller"]),
        )
        key = new_key()
        try:
            await self._keep(key, context)
        except ServerAway as error:
            logger.warning("handoff.context_not_kept", error=str(error))
            return {}
        logger.info("handoff.context_kept", reason=transfer.reason, sentiment=context.sentiment)
        return headers(key)

    async def _attended(self, transfer: Transfer, talker: Talker, context: dict[str, str], tell: Tell) -> bool:
        """Call the person and ask. False: there is no line for that, so the caller must be sent there."""
        briefing = Briefing(self._words(transfer, talker), self._read_yes_no)
        ours, theirs = wire_link.pair()
        order = ConsultPerson(f"{self._started.call_id}-person", transfer.target, context, self._plan.handoff.ring_s)
        self._link.send(order, [theirs.sock])
        theirs.close()
        meeting = self._meet(ours, briefing)
        waiting = asyncio.create_task(_tell_now_and_then(tell))
        try:
            await meeting.run()
        finally:
            waiting.cancel()
            ours.close()
        ended = meeting.ended or CallEnded("network", NO_ANSWER, "the cell is gone")
        logger.info("handoff.briefed", outcome=briefing.disposition, sip_status=ended.sip_status, by=ended.by)
        if ended.by == "network" and ended.sip_status == NO_LINE:
            return False
        if ended.transfer != "confirmed":
            tell(TransferFailed(_status(briefing, ended)))
        return True

    def _words(self, transfer: Transfer, talker: Talker) -> Words:
        task = self._plan.tasks.get(transfer.task or talker.task)
        title = task.title if task else ""
        return words_of(self._plan, caller=self._started.caller, title=title, reason=transfer.reason)


def _status(briefing: Briefing, ended: CallEnded) -> int:
    """Why the person did not take the call."""
    if briefing.declined:
        return DECLINED
    if ended.by == "caller" and ended.sip_status >= 300:  # of the call to the person, whose other side is the person
        return ended.sip_status
    return NO_ANSWER


async def _tell_now_and_then(tell: Tell) -> None:
    while True:
        await asyncio.sleep(WAITING_WORDS_EVERY_S)
        tell(TransferLasted())
