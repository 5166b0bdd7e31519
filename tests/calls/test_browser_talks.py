"""A newcomer adds an answer, tries it by voice and publishes it, without leaving the console, which may die meanwhile:
in a real Chromium, whose microphone plays a question that our own voice speaks.
"""

import asyncio
import os
import re
import signal
from pathlib import Path
from urllib.parse import urljoin

import numpy as np
import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.calls.services import light
from voicegw.audio import wav
from voicegw.config import load
from voicegw.engines import registry
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.service import LOG_NAME, RunningService, start_service

pytestmark = [pytest.mark.calls, pytest.mark.timeout(240)]
CHROMIUM = Path("/usr/bin/chromium")
QUESTION, HEARD_AFTER_S, QUIET_S = "Where can I park my car?", 7.0, 60.0
ANSWER = "You can park for free behind the shop."
HEARS = """async () => {
  const stats = await voicegwListening.getStats();
  return [...stats.values()].some((one) => one.type === "inbound-rtp" && one.totalAudioEnergy > 0.001);
}"""
WRITTEN = f"""
    parking:
      questions: [where can I park, is there a car park, can I park at the shop]
      answer: {ANSWER}"""


def spoken(folder: Path) -> Path:
    """The question, after the time that the greeting takes."""
    tts = registry.text_to_speech(load(None, {}))
    rate_hz = tts.capabilities.rate_hz
    words = np.concatenate(list(tts.speak(QUESTION)))
    quiet = [np.zeros(round(seconds * rate_hz), np.int16) for seconds in (HEARD_AFTER_S, QUIET_S)]
    file = folder / "question.wav"
    wav.write(file, np.concatenate([quiet[0], words, quiet[1]]), rate_hz)
    return file


async def first_link(service: RunningService) -> str:
    """It is printed just after the service says that it is ready."""
    async with asyncio.timeout(10):
        while True:
            log = (service.data_dir / LOG_NAME).read_text(encoding="utf-8", errors="replace")
            if links := re.findall(r"http://[^\s\"]+/welcome/[\w-]+", log):
                return str(links[0])
            await asyncio.sleep(0.1)


async def write_answer(page: Page) -> None:
    """As somebody does who has the wording ready: find the place, and paste it."""
    await page.locator(".cm-content").click()
    await page.keyboard.press("Control+f")
    await page.keyboard.type("answers:")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await page.keyboard.press("End")
    await page.keyboard.insert_text(WRITTEN)


async def listen_in(page: Page, near: str) -> None:
    """A supervisor's browser hears the call that is up."""
    await page.goto(urljoin(near, "/live"))
    await page.locator("#live tbody a").first.click()
    await page.get_by_role("button", name="Listen in").click()
    await expect(page.get_by_role("button", name="Stop listening")).to_be_visible(timeout=15_000)
    await page.wait_for_function(HEARS, timeout=30_000)
    await page.get_by_role("button", name="Stop listening").click()
    await page.close()


async def talk_while_the_console_dies(page: Page, service: RunningService) -> None:
    """The page says what happened, and the next call goes on as if nothing had."""
    await page.get_by_role("link", name="Edit").click()
    await page.get_by_role("button", name="Throw the draft away").wait_for()
    await page.get_by_role("button", name="Talk").click()
    await expect(page.locator("#talked .agent").first).to_be_visible(timeout=15_000)
    (ready,) = service.logged("web.ready")
    os.kill(ready["pid"], signal.SIGKILL)
    await expect(page.get_by_text("The call broke off: the console was started anew.")).to_be_visible(timeout=30_000)
    await expect(page.get_by_role("button", name="Talk")).to_be_enabled()


async def ended(service: RunningService) -> list[str | None]:
    """How calls were recorded, the newest first, once all are over."""
    outcomes = OutcomeStore(service.database_url)
    try:
        async with asyncio.timeout(20):
            while True:
                ends = [call.disposition for call in await outcomes.list_calls()]
                if len(ends) == 2 and all(ends):
                    return ends
                await asyncio.sleep(0.2)
    finally:
        await outcomes.close()


async def test_a_newcomer_adds_an_answer_hears_it_and_publishes_it(tmp_path):
    question = await asyncio.to_thread(spoken, tmp_path)
    service = await start_service(light(tmp_path, web={"console": True, "port": 0}))
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=[
                    "--no-sandbox",
                    "--use-fake-ui-for-media-stream",
                    "--use-fake-device-for-media-stream",
                    f"--use-file-for-fake-audio-capture={question}%noloop",
                    "--autoplay-policy=no-user-gesture-required",
                ],
            )
            context = await browser.new_context(viewport={"width": 1440, "height": 900})
            page = await context.new_page()
            complaints: list[str] = []
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(await first_link(service))
            await page.get_by_label("Password").fill("a few words that rhyme")
            await page.get_by_role("button", name="Sign in").click()
            await page.get_by_role("link", name="Dialplans").click()
            await page.get_by_role("link", name="Edit").click()

            await write_answer(page)
            await expect(page.locator("#saved")).to_contain_text("draft 1 saved", timeout=15_000)
            await expect(page.locator("#marks")).to_have_text("no errors")

            await page.get_by_role("button", name="Talk").click()
            await listen_in(await context.new_page(), page.url)
            await expect(page.locator("#talked .caller").first).to_contain_text(
                "park", timeout=40_000, ignore_case=True
            )
            await expect(page.locator("#talked")).to_contain_text(ANSWER, timeout=15_000)
            talking_after_ms = int(await page.locator(".studio").get_attribute("data-talking-after-ms") or 0)
            await page.screenshot(path=tmp_path / "talked.png", animations="disabled")
            await page.get_by_role("button", name="Hang up").click()
            await expect(page.get_by_text("You hung up.")).to_be_visible(timeout=15_000)

            await page.get_by_role("button", name="Publish…").click()
            await page.get_by_label("Why").fill("answers where to park")
            await page.get_by_role("button", name="Publish", exact=True).click()
            await expect(page.get_by_text("is in force")).to_be_visible(timeout=90_000)
            await page.get_by_role("link", name="See its versions").click()
            await expect(page.get_by_role("heading", name="acme-orders")).to_be_visible()
            await expect(page.locator("main")).to_contain_text("answers where to park")
            assert complaints == []
            await talk_while_the_console_dies(page, service)
            await browser.close()
        assert (await ended(service))[0] == "failed"
    finally:
        await service.stop()
    assert 0 < talking_after_ms < 3000
    assert [call["dialplan"] for call in service.logged("call.assigned")] == ["acme-orders"] * 2
