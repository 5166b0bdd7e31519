"""Somebody signs in and works, in a real Chromium: on a desk and a phone, in light and in dark."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect

from tests.console.looks import LOOKS, look, note_errors

pytestmark = pytest.mark.servers
PASSWORD = "correct horse battery"
PAGES = {"calls": "/calls", "insights": "/insights?days=30", "health": "/status", "users": "/users", "audit": "/audit",
         "account": "/account", "api": "/api/", "dialplans": "/dialplans", "dialplan": "/dialplans/acme-orders",
         "draft": "/dialplans/acme-orders/edit", "dialplan-new": "/dialplans/new"}  # fmt: skip


async def test_a_first_admin_signs_in_searches_listens_labels_and_walks_all_pages(served, chromium, screenshots):
    desk = await chromium.new_context(base_url=served.url, **LOOKS["light"])
    page = await desk.new_page()
    problems: list[str] = []
    note_errors(page, problems)

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
    note_errors(page, problems)
    for name, address in pages.items():
        await page.goto(address, wait_until="networkidle")
        await look(page, f"{name}-{way}", screenshots)
