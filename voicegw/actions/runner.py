"""The action runner: takes instructions from the inbox, does each once, and tells whoever waits what came of it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from voicegw import log
from voicegw.actions import inbox
from voicegw.actions.instruction import Instruction, Notice
from voicegw.actions.judging import refusal, refused
from voicegw.actions.performing import Keep, Outcome, perform
from voicegw.actions.registry import Toolbox
from voicegw.actions.requests import Tool
from voicegw.actions.secrets import SecretGone, revealed
from voicegw.dialplan import spoken, templates
from voicegw.dialplan.policy import Policy
from voicegw.errors import ServerAway
from voicegw.outcomes.action import AT_WORK, CHANGED, DUE, UNCHANGED, UNSURE, ActionRow
from voicegw.outcomes.ledger import Ledger
from voicegw.outcomes.record import FactRefused

logger = log.get_logger()

LOOK_ROUND_S = 1.0
"""Between two looks into the inbox when nobody calls."""
MOST_KNOWN = 1000
"""Rows kept in memory."""
FIRST_RETRY_S, LAST_RETRY_S = 0.1, 5.0
_ACTION, _NOTICE = "action", "notice"
_R = TypeVar("_R")
Start = Callable[[str], Awaitable[None]]
"""Begins a piece of work durably; ``Workflows.start``."""


class ActionRunner:
    """Belongs to one event loop.

    :param name: of this machine's runner, stable.
    :param policies: of the settings, by tool.
    :param start: begins work by its name; whoever does it calls ``work``.
    """

    def __init__(
        self, name: str, folder: Path, tools: Toolbox, ledger: Ledger, policies: Mapping[str, Policy], start: Start
    ) -> None:
        self._name = name
        self._folder = folder
        self._tools = tools
        self._ledger = ledger
        self._policies = policies
        self._start = start
        self._wake = asyncio.Event()
        self._news = asyncio.Event()
        self._known: OrderedDict[str, ActionRow] = OrderedDict()
        """The latest actions of this runner, which nobody else finishes."""

    async def run(self) -> None:
        """Until cancelled."""
        for row in await self._patiently(lambda: self._ledger.unfinished(self._name)):
            await self._go_on(row)
        while True:
            for entry in inbox.entries(self._folder):
                await self._take_out(entry)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_ROUND_S)
            self._wake.clear()

    async def result(self, key: str) -> tuple[str, Mapping[str, Any]]:
        """Status and values, once the action of this key has ended."""
        self._wake.set()
        while True:
            news = self._news
            row = await self._find(key)
            first = await self._first(row) if row else None
            if row and first and first.finished:
                return self._status(row, first), first.result
            with suppress(TimeoutError):  # of another machine's action there is no news
                await asyncio.wait_for(news.wait(), LOOK_ROUND_S)

    async def work(self, name: str, keep: Keep) -> None:
        """Do a piece of work: an action, or a notice."""
        kind, _, key = name.partition(" ")
        row = await (self._find(key) if kind == _ACTION else self._patiently(lambda: self._ledger.find(key)))
        if row is None:
            logger.error("action.unknown", key=key)
        elif kind == _NOTICE:
            await self._notify(row, keep)
        elif not row.finished:
            await self._act(row, keep)

    # --- what comes in --------------------------------------------------------------------------------------

    async def _take_out(self, entry: inbox.Entry) -> None:
        try:
            await self._patiently(partial(self._take, entry.item))
        except (FactRefused, LookupError) as error:
            logger.error("inbox.refused", file=entry.path.name, error=str(error))
            entry.set_aside()
        else:
            entry.done()

    async def _take(self, item: Instruction | Notice) -> None:
        if isinstance(item, Notice):
            await self._go_on(await self._ledger.promise(item.key, asdict(item)))
            return
        row = await self._ledger.accept(self._row(item), partial(self._judged, item))
        self._remember(row)
        logger.info("action.accepted", call_id=row.call_id, tool=row.tool, key=row.key, state=row.state)
        await self._go_on(row)

    async def _go_on(self, row: ActionRow) -> None:
        """Begin what is to be done for a row, as far as it is not begun."""
        if row.state == AT_WORK and row.runner == self._name:
            await self._start(f"{_ACTION} {row.key}")
        elif row.notice_status == DUE and (await self._first(row)).finished:
            await self._start(f"{_NOTICE} {row.key}")
        self._tell()

    def _row(self, item: Instruction) -> ActionRow:
        tool = self._tools.tool(item.tool)
        return ActionRow(
            item.key,
            item.call_id,
            item.caller,
            item.task,
            item.tool,
            item.arguments,
            (tool and _subject(tool, item)) or item.sameness,
            item.consent.question,
            item.consent.answer,
            item.at,
            self._name,
        )

    def _judged(self, item: Instruction, earlier: Sequence[float]) -> ActionRow:
        """The row of a new action, refused if a policy does not allow it."""
        row, now = self._row(item), datetime.now(UTC)
        reason = refusal(item.consent, item.arguments, self._policies.get(item.tool), now, earlier)
        if reason is None:
            return row
        logger.info("action.refused", call_id=item.call_id, tool=item.tool, reason=reason)
        return replace(row, state=UNCHANGED, status="refused", result=refused(reason), finished_at=now.timestamp())

    # --- what is done ---------------------------------------------------------------------------------------

    async def _perform(self, tool: Tool, row: ActionRow, keep: Keep) -> Outcome:
        try:
            arguments = await self._patiently(lambda: revealed(row.arguments, self._tools.reveal))
        except SecretGone:
            logger.error("action.secret_gone", tool=row.tool, key=row.key, hint="the caller must give it again")
            return Outcome("failed")
        return await perform(tool, arguments, row.key, keep)

    async def _act(self, row: ActionRow, keep: Keep) -> None:
        tool = self._tools.tool(row.tool)
        if tool is None:
            logger.error("action.no_such_tool", tool=row.tool, key=row.key)
            outcome = Outcome("failed")
        else:
            outcome = await self._perform(tool, row, keep)
        done = await self._finish(row, outcome)
        self._remember(done)
        self._tell()
        logger.info("action.finished", call_id=row.call_id, tool=row.tool, status=outcome.status)
        for each in [done, *await self._patiently(lambda: self._ledger.repeats(row.key))]:
            if each.notice_status == DUE:
                await self._start(f"{_NOTICE} {each.key}")

    async def _finish(self, row: ActionRow, outcome: Outcome) -> ActionRow:
        state = CHANGED if outcome.changed else UNCHANGED
        if outcome.changed and outcome.status == "too_slow":
            state = UNSURE
            logger.error("action.unsure", tool=row.tool, key=row.key, hint="look into the system behind it")
        end = partial(self._ledger.finish, row.key, state, outcome.status)
        try:
            return await self._patiently(partial(end, outcome.values, time.time()))
        except FactRefused as error:  # done is done, whatever it gave
            logger.error("action.result_refused", tool=row.tool, key=row.key, error=str(error))
            return await self._patiently(partial(end, {}, time.time()))

    async def _notify(self, row: ActionRow, keep: Keep) -> None:
        if row.notice_status != DUE or row.notice is None:
            return
        first = await self._first(row)
        notice = Notice(**row.notice)
        tool = self._tools.tool(notice.tool)
        if tool is None:
            logger.error("notice.no_such_tool", tool=notice.tool, key=row.key)
            outcome = Outcome("failed")
        else:
            body = written(notice, first.status or "", first.result, date.today())
            message = {"to": notice.to, "subject": notice.subject, "body": body}
            outcome = await perform(tool, message, f"{row.key}/notice", keep)
        await self._patiently(lambda: self._ledger.noticed(row.key, outcome.status))
        logger.info("notice.sent", call_id=row.call_id, tool=notice.tool, status=outcome.status)

    # --- what is known --------------------------------------------------------------------------------------

    async def _first(self, row: ActionRow) -> ActionRow:
        """The action that a row is about: itself, or what it repeats."""
        if row.first is None:
            return row
        return await self._find(row.first) or row

    async def _find(self, key: str) -> ActionRow | None:
        return self._known.get(key) or await self._patiently(lambda: self._ledger.find(key))

    def _remember(self, row: ActionRow) -> None:
        if row.runner == self._name:
            self._known[row.key] = row
            self._known.move_to_end(row.key)
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)

    def _status(self, row: ActionRow, first: ActionRow) -> str:
        """The result's; ``already``, where the tool has the word, if it was done before it was asked for."""
        status = first.status or ""
        before = row.first is not None and (first.finished_at or 0.0) < row.requested_at
        if not before or first.state != CHANGED:
            return status
        facts = self._tools.facts().get(row.tool)
        return "already" if facts and "already" in facts.statuses else status

    def _tell(self) -> None:
        """Wake those who wait for a result."""
        self._news.set()
        self._news = asyncio.Event()

    async def _patiently(self, act: Callable[[], Awaitable[_R]]) -> _R:
        """The result of ``act``, tried again for as long as the database is away."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                return await act()
            except ServerAway as error:
                logger.warning("actions.wait", reason=str(error), retry_s=retry_s)
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, LAST_RETRY_S)


def written(notice: Notice, status: str, result: Mapping[str, Any], today: date) -> str:
    """The text of a message about a result."""
    template = templates.parse(notice.messages.get(status) or notice.messages["otherwise"])
    known = {**notice.values, **result}
    return template.render(lambda name: spoken.FORMATS[name.format or "plain"](known.get(name.name), today))


def _subject(tool: Tool, item: Instruction) -> str:
    """What it is done to; empty if the tool does not say, or cannot with these arguments."""
    if tool.subject is None:
        return ""
    try:
        return tool.subject(tool.takes.model_validate(dict(item.arguments)))
    except ValidationError:
        return ""
