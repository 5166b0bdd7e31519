"""``voicegw bench browser``: does a call from the browser feel like one by phone?"""

import asyncio
import time
from collections.abc import Sequence

import numpy as np

from voicegw.accounts.record import Role, User
from voicegw.accounts.store import AccountStore
from voicegw.audio import wav
from voicegw.qa.bench_calls import DIALPLAN, LINES
from voicegw.qa.benching import Bench, Run, bench
from voicegw.qa.browser.caller import BrowserCall, talk
from voicegw.qa.figures import Figure, percentile
from voicegw.qa.ruler import Turn
from voicegw.qa.script import SayLine, Script
from voicegw.qa.spans import RATE_HZ

SEED = 7
SAID = LINES[:10]
NAME = "acme-orders"
WITHIN_MS = 80


async def run(how: Run) -> tuple[Figure, ...]:
    """Some three minutes: the same lines by SIP and from Chromium, one call after the other on one service.

    :raises SetupError: something must be mended first.
    """
    overrides = {"dialplans": str(DIALPLAN), "workers": {"warm": 2}, "web": {"console": True, "port": 0}}
    async with bench(overrides, how, SEED) as one:
        script = Script(tuple(map(SayLine, SAID)))
        by_phone = await one.call("by phone", script)
        from_browser = await _from_browser(one, script)
    return figures(by_phone.turns, from_browser.turns)


def figures(by_phone: Sequence[Turn], from_browser: Sequence[Turn]) -> tuple[Figure, ...]:
    """What was measured, with its targets."""
    phone, browser = (
        [turn.latency_ms for turn in turns if turn.latency_ms is not None] for turns in (by_phone, from_browser)
    )
    middle, other = percentile(phone, 50), percentile(browser, 50)
    more = round(other - middle, 1) if middle is not None and other is not None else None
    return (
        Figure("browser: voice-to-voice by SIP, p50", middle, "ms", "", len(phone)),
        Figure("browser: voice-to-voice from Chromium, p50", other, "ms", "", len(browser)),
        Figure("browser: more than by SIP, p50", more, "ms", f"≤ {WITHIN_MS}", len(browser)),
        Figure("browser: turns that were answered", len(browser), "turns", f"≥ {len(from_browser)}", len(from_browser)),
    )


async def _from_browser(one: Bench, script: Script) -> BrowserCall:
    one.how.tell("from Chromium")
    (ready,) = one.service.logged("web.ready")
    clips = await asyncio.to_thread(one.studio.clips, script)
    accounts = AccountStore(one.service.database_url)
    try:
        await accounts.add(User("bench", Role.EDITOR, time.time()))
        session = await accounts.open_session("bench", time.time())
    finally:
        await accounts.close()
    call = await talk(str(ready["url"]), session, NAME, [(SAID[place], clip) for place, clip in clips.items()])
    if one.how.keep:
        one.how.keep.mkdir(parents=True, exist_ok=True)
        wav.write(one.how.keep / "from-chromium.wav", np.stack([call.sent, call.received], axis=1), RATE_HZ)
    return call
