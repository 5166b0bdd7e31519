"""Somebody signs in and works, in a real Chromium: on a desk and a phone, in light and in dark."""

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, ConsoleMessage, Page, expect

pytestmark = pytest.mark.servers
PASSWORD = "correct horse battery"
PAGES = {"calls": "/calls", "insights": "/insights?days=30", "health": "/status", "users": "/users", "audit": "/audit",
         "account": "/account", "api": "/api/"}  # fmt: skip
LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "is_mobile": True},
}


@pytest.fixture
def screenshots(request: pytest.FixtureRequest) -> Path | None:
    """Where pictures of pages go: ``--screenshots docs/console``."""
    folder = request.config.getoption("--screenshots")
    return Path(folder) if folder else None


async def test_a_first_admin_signs_in_searches_listens_labels_and_walks_all_pages(served, chromium, screenshots):
    desk = await chromium.new_context(base_url=served.url, **LOOKS["light"])
    page = await desk.new_page()
    problems: list[str] = []
    page.on("console", lambda message: _note(problems, message))
    page.on("pageerror", lambda error: problems.append(str(error)))

    await page.goto("/insights")
    await expect(page).to_have_url(f"{served.url}/sign-in?next=%2Finsights")
    await look(page, "sign-in-light", screenshots)
    await page.goto(f"/welcome/{served.first_secret}")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Calls")).to_be_visible()

    await page.get_by_label("Words").fill("canada")
    await page.get_by_role("button", name="Search").click()
    await page.locator("tbody a").first.click()
    await expect(page.get_by_text("do you ship to canada")).to_be_visible()
    call = page.url
    await page.get_by_role("button", name="Listen").click()
    await page.locator("#turn-3 .caller .word").first.click()
    await page.wait_for_function("document.querySelector('audio').currentTime > 15")
    await expect(page.locator("#turn-3 .word.now").first).to_be_visible()
    await page.get_by_role("button", name="Pause").click()
    await page.get_by_label("Label", exact=True).fill("good example")
    await page.get_by_role("button", name="Label", exact=True).click()
    await expect(page.locator("#labels .badge", has_text="good example")).to_be_visible()
    await look(page, "call-light", screenshots)

    signed_in = await desk.storage_state()
    for name, way in LOOKS.items():
        context = await chromium.new_context(base_url=served.url, storage_state=signed_in, **way)
        await walk(context, name, {**PAGES, "call": call}, problems, screenshots)
        await context.close()
    assert problems == []
    await page.goto("/audit")
    await expect(page.get_by_role("cell", name="recording.heard").first).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await page.goto("/calls")
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()


async def walk(
    context: BrowserContext, way: str, pages: dict[str, str], problems: list[str], screenshots: Path | None
) -> None:
    page = await context.new_page()
    page.on("console", lambda message: _note(problems, message))
    page.on("pageerror", lambda error: problems.append(str(error)))
    for name, address in pages.items():
        await page.goto(address, wait_until="networkidle")
        await look(page, f"{name}-{way}", screenshots)


async def look(page: Page, name: str, screenshots: Path | None) -> None:
    """Nothing serious for people who see or move otherwise, and nothing wider than the window."""
    found = (await Axe().run(page)).response["violations"]
    serious = [
        f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")
    ]
    if screenshots:
        await page.screenshot(path=screenshots / f"{name}.png")
    assert serious == [], name
    assert page.viewport_size
    wider = await page.evaluate("document.documentElement.scrollWidth") - page.viewport_size["width"]
    assert wider <= 0, f"{name} is {wider} pixels wider than the window"


def _note(problems: list[str], message: ConsoleMessage) -> None:
    if message.type == "error":
        problems.append(f"{message.location['url']}: {message.text}")
