"""The page of live calls in a real Chromium, on a real web process and a real Valkey."""

import asyncio
import shutil
import time

import pytest
from playwright.async_api import async_playwright

from tests.console.looks import LOOKS, look, note_errors
from voicegw.outcomes.record import CallClosed
from voicegw.qa.bench_live import CALLS, call_name, stage
from voicegw.web.access import COOKIE

pytestmark = pytest.mark.servers
WITHIN_MS = 1500
"""On a busy machine; ``voicegw bench live`` measures the figure on a quiet one."""
SEEN = """([call, words]) => new Promise((done) => {
  const row = document.querySelector(`tr[data-call="${call}"]`);
  const isThere = () => row.querySelector(".words")?.textContent.includes(words);
  const look = () => { if (isThere()) done(Date.now()); else setTimeout(look, 5); };
  look();
})"""


@pytest.fixture
async def browser():
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield made
        await made.close()


async def test_what_happens_in_one_of_200_calls_is_seen_at_once(browser, tmp_path):
    async with stage(tmp_path) as here:
        await here.begin_calls(CALLS)
        context = await browser.new_context(base_url=here.web.url, viewport={"width": 1280, "height": 800})
        await context.add_cookies([{"name": COOKIE, "value": here.session, "url": here.web.url}])
        page = await context.new_page()
        problems: list[str] = []
        note_errors(page, problems)
        await page.goto("/live")
        await page.get_by_text(f"{CALLS} calls", exact=True).wait_for()
        assert await page.locator("tr[data-call]").count() == CALLS
        took_ms = []
        for number in range(5):
            began = time.time()
            seen = await page.evaluate(SEEN, [call_name(number), here.say(number)])
            took_ms.append(seen - began * 1000)
        print(f"seen in the browser after {sorted(took_ms)[2]:.0f} ms (median of {len(took_ms)})")
        assert min(took_ms) < WITHIN_MS
        assert await page.locator("#away").is_hidden()
        here.store.append_soon(CallClosed(call_name(7), time.time(), "caller", 200, "OK"))
        await page.wait_for_selector(f'tr[data-call="{call_name(7)}"]', state="detached")
        assert await page.inner_text("#count") == f"{CALLS - 1} calls"
        assert problems == []


async def test_an_order_for_a_call_that_nobody_has_says_so(browser, tmp_path):
    async with stage(tmp_path) as here:
        await here.begin_calls(1)
        context = await browser.new_context(base_url=here.web.url)
        await context.add_cookies([{"name": COOKIE, "value": here.session, "url": here.web.url}])
        page = await context.new_page()
        page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
        await page.goto(f"/live/{call_name(0)}")
        await page.get_by_role("button", name="Hang up").click()
        await page.get_by_text("This call is over.").wait_for()


async def test_calls_in_progress_are_seen_on_a_phone_and_in_the_dark_by_everybody(browser, tmp_path, screenshots):
    async with stage(tmp_path) as here:
        await here.begin_calls(12)
        problems: list[str] = []
        for way, options in LOOKS.items():
            context = await browser.new_context(base_url=here.web.url, **options)
            await context.add_cookies([{"name": COOKIE, "value": here.session, "url": here.web.url}])
            page = await context.new_page()
            note_errors(page, problems)
            await page.goto("/live")
            await page.get_by_text("12 calls", exact=True).wait_for()
            words = [here.say(number) for number in range(0, 12, 2)]
            await page.get_by_text(words[-1]).first.wait_for()
            await look(page, f"live-{way}", screenshots)
            await page.goto(f"/live/{call_name(0)}")
            await page.get_by_text(words[0]).first.wait_for()
            await look(page, f"live-call-{way}", screenshots)
            await context.close()
        assert problems == []
