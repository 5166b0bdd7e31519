"""Looks whether somebody should look, and says so once: by the same tool that sends callers' messages.

An alert goes into the action runner's inbox, so it is kept, sent, tried again and recorded like any other write. Its
key holds rule, subject and day: however often it is noticed, and by however many machines, it is sent once a day.
"""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from voicegw import log
from voicegw.actions import inbox
from voicegw.actions.instruction import Instruction
from voicegw.config import AlertSettings
from voicegw.errors import ServerAway, SetupError
from voicegw.observe.machine import MachineState
from voicegw.observe.rules import VERSION, Alert, Seen, Spell, alerts
from voicegw.outcomes.trends import Trends
from voicegw.publishing.record import FROM_FILE, Change
from voicegw.publishing.store import Author, VersionStore

logger = log.get_logger()

TOOL = "notify.send"
HOUR_S, DAY_S = 3600.0, 86_400.0
AUTHOR = "voicegw"


@dataclass
class Alarm:
    """Of one service. Belongs to its event loop.

    :param state: how the machine is.
    :param folder: the action runner's inbox.
    :param console_url: where people read more.
    """

    limits: AlertSettings
    trends: Trends
    versions: VersionStore
    state: Callable[[], MachineState]
    folder: Path
    console_url: str
    clock: Callable[[], float] = time.time
    firing: list[Alert] = field(default_factory=list)
    """As of the last look."""

    def __post_init__(self) -> None:
        self._sent: set[str] = set()

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(self.limits.look_every_s)
            try:
                await self.look()
            except Exception:  # the edge: whoever watches the others must not end
                logger.exception("alerts.failed")

    async def look(self) -> None:
        """One look: what is new is sent, and a version that is clearly worse goes, if the settings say so."""
        self.firing = alerts(await self._seen(), self.limits)
        for alert in self.firing:
            key = self._key(alert)
            if key not in self._sent:
                self._sent.add(key)
                logger.error("alert", rule=alert.rule, subject=alert.subject, text=alert.text, to_do=alert.to_do)
                await self._tell(alert, key, await self._rolled_back(alert))

    async def _seen(self) -> Seen:
        machine = self.state()
        try:
            return await self._in_calls(Seen(machine=machine))
        except ServerAway as error:
            logger.warning("alerts.database_away", reason=str(error))
            return Seen(machine=replace(machine, database_up=False))

    async def _in_calls(self, seen: Seen) -> Seen:
        now, trends = self.clock(), self.trends
        hour = await trends.spells(now - HOUR_S)
        days = await trends.spells(now - self.limits.usual_days * DAY_S)
        waits = await trends.latencies(now - HOUR_S)
        recent = {
            name: replace(spell, latency_p95_ms=_p95(waits.get(name, []))) for name, spell in _by_dialplan(hour).items()
        }
        tools = await trends.tools(now - HOUR_S)
        versions = {}
        for changed in await self.versions.in_force():
            history = await self.versions.history(changed.name)
            if pair := _newest_two(history):
                versions[changed.name] = (
                    (pair[0], days.get((changed.name, pair[0]), Spell())),
                    (pair[1], days.get((changed.name, pair[1]), Spell())),
                )
        return replace(seen, recent=recent, usual=_by_dialplan(days), tools=tools, versions=versions)

    async def _rolled_back(self, alert: Alert) -> str:
        """What was done about it, for whoever reads."""
        if alert.rule != VERSION or not self.limits.roll_back:
            return ""
        try:
            change = await self.versions.roll_back(alert.subject, Author(AUTHOR, alert.text))
        except (ServerAway, SetupError) as error:
            logger.error("alerts.not_rolled_back", dialplan=alert.subject, reason=str(error))
            return f"It could not be rolled back: {error}."
        logger.warning("alerts.rolled_back", dialplan=alert.subject, version=change.in_force.version)
        return f"It was rolled back: v{change.in_force.version} takes all calls again."

    async def _tell(self, alert: Alert, key: str, done: str) -> None:
        lines = [
            f"{alert.text}.",
            done,
            f"What to do: {alert.to_do}.",
            f"{self.console_url}/status" if self.console_url else "",
        ]
        body = "\n\n".join(line for line in lines if line)
        for recipient in self.limits.to:
            message = {"to": recipient, "subject": f"voicegw: {alert.text}"[:200], "body": body}
            told = Instruction(f"{key} {recipient}", key, "", "alert", TOOL, message, self.clock())
            try:
                await asyncio.to_thread(inbox.put, self.folder, told)
            except OSError as error:
                logger.error("alerts.not_kept", reason=str(error))

    def _key(self, alert: Alert) -> str:
        day = datetime.fromtimestamp(self.clock(), UTC).date()
        return f"alert {alert.rule} {alert.subject} {day}"


def _by_dialplan(spells: dict[tuple[str, int], Spell]) -> dict[str, Spell]:
    found: dict[str, Spell] = {}
    for (name, _), spell in spells.items():
        known = found.get(name, Spell())
        found[name] = Spell(
            known.over + spell.over,
            known.completed + spell.completed,
            known.turns + spell.turns,
            known.no_match + spell.no_match,
        )
    return found


def _newest_two(history: list[Change]) -> tuple[int, int] | None:
    """The version that was put in force, or on trial, last, and the one it is to be compared with."""
    now = history[0].in_force
    if now.trial is not None:
        return now.trial, now.version
    earlier = next((change.in_force.version for change in history[1:] if change.in_force.version != now.version), None)
    went_back = earlier is not None and earlier > now.version
    return None if earlier in (None, FROM_FILE) or went_back or earlier is None else (now.version, earlier)


def _p95(ascending: list[float]) -> float | None:
    return ascending[math.ceil(0.95 * len(ascending)) - 1] if ascending else None
