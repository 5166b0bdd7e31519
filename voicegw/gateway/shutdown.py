"""Going down without dropping anybody: no new calls, then time, then a person or a word, then the end."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Protocol

from voicegw import log

logger = log.get_logger()

LOOK_EVERY_S = 0.1
WRAP_UP_EVERY_S = 1.0


@dataclass(frozen=True)
class Patience:
    """How long callers are given."""

    drain_s: float
    """To end their calls by themselves."""
    wrap_up_s: float
    """Then, to be given to a person, or to hear that nobody is there."""


class Calls(Protocol):
    """What is asked of the supervisor."""

    @property
    def live_call_ids(self) -> list[str]:
        """Calls in progress."""

    def drain(self) -> None:
        """No new calls."""

    def wrap_up(self) -> None:
        """Those in progress are to be given to a person, or ended."""


async def shut_down(calls: Calls, patience: Patience, hurry: asyncio.Event) -> None:
    """Returns when the last call has ended, or patience has, or ``hurry`` is set."""
    logger.info("serve.draining", calls=len(calls.live_call_ids))
    calls.drain()
    await _until_empty(calls, patience.drain_s, hurry)
    if calls.live_call_ids:
        logger.info("serve.wrapping_up", calls=len(calls.live_call_ids))
    left_s = patience.wrap_up_s
    while calls.live_call_ids and left_s > 0 and not hurry.is_set():
        calls.wrap_up()
        await _until_empty(calls, min(WRAP_UP_EVERY_S, left_s), hurry)
        left_s -= WRAP_UP_EVERY_S
    if calls.live_call_ids:
        logger.warning("serve.calls_cut_off", calls=len(calls.live_call_ids))


async def _until_empty(calls: Calls, within_s: float, hurry: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while calls.live_call_ids and not hurry.is_set():
                await asyncio.sleep(LOOK_EVERY_S)
