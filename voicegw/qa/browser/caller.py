"""Talks to a draft from a real Chromium, on the console's own page, and measures both directions as a phone's."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.async_api import Page, async_playwright

from voicegw.errors import SetupError
from voicegw.qa.ruler import Line, Turn, measure
from voicegw.qa.spans import Span
from voicegw.web.access import COOKIE

SCRIPT = Path(__file__).with_name("call.js")
OPTIONS = ("--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream")
CONNECTED_S = 20.0


@dataclass(frozen=True)
class BrowserCall:
    """What came of it."""

    turns: tuple[Turn, ...]
    sent: np.ndarray
    """Int16 at 8 kHz, on one clock with ``received``."""
    received: np.ndarray


async def talk(console_url: str, session: str, dialplan: str, lines: Sequence[tuple[str, np.ndarray]]) -> BrowserCall:
    """Say each line when the agent has finished.

    :param session: of somebody who may edit dialplans.
    :param lines: words, and their sound as int16 at 8 kHz.
    :raises SetupError: Chromium is not there, or is not answered.
    """
    program = shutil.which("chromium")
    if program is None:
        raise SetupError("Chromium is not installed: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(OPTIONS))
        try:
            context = await browser.new_context(base_url=console_url, bypass_csp=True)
            await context.add_cookies([{"name": COOKIE, "value": session, "url": console_url}])
            await context.add_init_script(path=SCRIPT)
            page = await context.new_page()
            await page.goto(f"/dialplans/{dialplan}/edit")
            return await _call(page, lines)
        finally:
            await browser.close()


async def _call(page: Page, lines: Sequence[tuple[str, np.ndarray]]) -> BrowserCall:
    await page.get_by_role("button", name="Talk").click()
    connected = page.locator(".studio[data-talking-after-ms]")
    await connected.wait_for(timeout=CONNECTED_S * 1000)
    said = []
    for words, pcm in lines:
        begin, end = await page.evaluate("(pcm) => voicegwCaller.say(pcm)", pcm.tolist())
        said.append(Line(words, Span(begin, end)))
    await page.evaluate("() => voicegwCaller.untilDone()")
    sent, received = (np.array(side, np.int16) for side in await page.evaluate("() => voicegwCaller.tape()"))
    await page.get_by_role("button", name="Hang up").click()
    return BrowserCall(measure(sent, received, said), sent, received)
