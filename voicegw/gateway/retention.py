"""Deletes what dialplans no longer want kept, once a day."""

import asyncio
import time

from voicegw import log
from voicegw.config import Settings
from voicegw.dialplan import files
from voicegw.dialplan.parse import parse
from voicegw.errors import DialplanError, ServerAway
from voicegw.outcomes import retention
from voicegw.outcomes.retention import DAY_S, Deleted
from voicegw.publishing.store import VersionStore

logger = log.get_logger()

FIRST_AFTER_S = 120.0
"""After the start: calls that wait come first."""


async def retention_days(settings: Settings) -> dict[str, int]:
    """By dialplan: of the versions in force, and of files that were never published.

    :raises ServerAway: the database does not answer.
    :raises DialplanError: a file has errors.
    """
    days = {plan.name: plan.privacy.retention_days for plan in files.load(settings.dialplans)}
    versions = VersionStore(settings.resolved_database_url)
    try:
        for one in await versions.in_force():
            if one.version:
                bundle = await versions.bundle(one.name, one.version)
                days[one.name] = parse(bundle.source).privacy.retention_days
    finally:
        await versions.close()
    return days


async def purge(settings: Settings, *, dry_run: bool = False) -> dict[str, Deleted]:
    """Delete what is due now, and say what, by dialplan.

    :raises ServerAway: the database does not answer.
    :raises DialplanError: a file has errors: nothing is deleted by a guess.
    """
    days = await retention_days(settings)
    url, recordings = settings.resolved_database_url, settings.recordings_dir
    return await retention.purge(url, recordings, days, time.time(), dry_run=dry_run)


async def run(settings: Settings) -> None:
    """For ever."""
    await asyncio.sleep(FIRST_AFTER_S)
    while True:
        try:
            for dialplan, deleted in (await purge(settings)).items():
                logger.info("retention.deleted", dialplan=dialplan, **vars(deleted))
        except (ServerAway, DialplanError) as error:
            logger.warning("retention.waits", reason=str(error))
        except Exception:  # the edge: a day later it is tried again
            logger.exception("retention.failed")
        await asyncio.sleep(DAY_S)
