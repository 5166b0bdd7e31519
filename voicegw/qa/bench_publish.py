"""``voicegw bench publish``: how soon calls get a new version, while a call with the old one goes on."""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path

from voicegw.dialplan.parse import parse
from voicegw.outcomes.store import OutcomeStore
from voicegw.publishing.record import FROM_FILE, Bundle, Change
from voicegw.publishing.store import Author, VersionStore
from voicegw.qa.benching import Bench, Run, bench
from voicegw.qa.figures import Figure
from voicegw.qa.script import SayLine, Script, WaitSeconds
from voicegw.qa.service import RunningService

SEED = 7
FOLDER = Path(__file__).parent / "sets"
SOURCE = (FOLDER / "turns-dialplan.yaml").read_text(encoding="utf-8")
VERSIONS = 5
GIVE_UP_S = 30.0
LIVE_CALL = Script((WaitSeconds(20.0), SayLine("what are your opening hours")))
"""Goes on while everything is published, then asks something."""
AUTHOR = Author("bench")


async def run(how: Run) -> tuple[Figure, ...]:
    """Some 40 s: publishes versions one after another into a running service that has a call."""
    overrides = {"dialplans": FOLDER / "turns-dialplan.yaml", "workers": {"warm": 2}}
    async with bench(overrides, how, SEED) as on:
        live = asyncio.create_task(on.call("live call", LIVE_CALL))
        await asyncio.sleep(3.0)
        took_s = await _publish_all(on)
        report = await live
        touched = not report.ok or not await _went_on_untouched(on.service)
    return (
        Figure("publish: until calls get the new version, at most", max(took_s, default=None), "s", "≤ 2", len(took_s)),
        Figure("publish: live calls that were touched", int(touched), "calls", "= 0"),
    )


async def _publish_all(on: Bench) -> list[float]:
    store = VersionStore(on.service.database_url)
    took_s: list[float] = []
    try:
        for number in range(1, VERSIONS + 1):
            source = f"{SOURCE}# version {number}\n"
            change = await store.publish(parse(source), Bundle(source), AUTHOR)
            took_s.append(round(await seconds_until_in_force(on.service, change), 2))
    finally:
        await store.close()
    return took_s


async def seconds_until_in_force(service: RunningService, change: Change) -> float:
    """From the commit of a change until a running service routes calls by it.

    :raises TimeoutError: it has not, after half a minute.
    """
    wanted = change.in_force
    async with asyncio.timeout(GIVE_UP_S):
        while not _in_force(service, wanted.name, wanted.version, wanted.trial):
            await asyncio.sleep(0.01)
    return time.time() - change.at


def _in_force(service: RunningService, name: str, version: int, trial: int | None) -> bool:
    """What the service's log said last."""
    last: Mapping[str, object] = {}
    for line in service.log_file.read_text(encoding="utf-8").splitlines():
        if '"dialplan.in_force"' in line and (entry := json.loads(line))["dialplan"] == name:
            last = entry
    return last.get("version") == version and last.get("trial") == trial


async def _went_on_untouched(service: RunningService) -> bool:
    """The only call had the file's version to its end, and its worker too."""
    outcomes = OutcomeStore(service.database_url)
    try:
        (call,) = await outcomes.list_calls()
    finally:
        await outcomes.close()
    return call.version == FROM_FILE and not call.worker_losses
