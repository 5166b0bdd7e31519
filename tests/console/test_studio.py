"""Somebody who writes dialplans, in a real Chromium: chats with what stands in the editor."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from voicegw.config import Settings
from voicegw.errors import ModelMissing
from voicegw.models import catalogue
from voicegw.web.access import COOKIE

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]
PATIENCE_MS = 60_000
"""The process that chats loads its models first."""


@pytest.fixture
async def desk(served, chromium) -> BrowserContext:
    """A browser of somebody who publishes."""
    context = await chromium.new_context(base_url=served.url, viewport={"width": 1280, "height": 800})
    await context.add_cookies([{"name": COOKIE, "value": served.session, "url": served.url}])
    return context


@pytest.fixture
def vectors() -> None:
    try:
        catalogue.path(Settings().models_dir, "minilm")
    except ModelMissing as error:
        pytest.skip(str(error))


async def change(page: Page, old: str, new: str) -> None:
    """In the editor, and at once: what is typed in it is not saved yet."""
    await page.evaluate("([a, b]) => voicegwStudio.replace(voicegwStudio.text().replace(a, b))", [old, new])


async def say(page: Page, line: str) -> None:
    await page.get_by_label("What the caller says").fill(line)
    await page.get_by_role("button", name="Send").click()


async def test_the_draft_in_the_editor_is_chatted_with_and_says_how_it_understood(desk, vectors):
    page = await desk.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto("/dialplans/acme-orders/edit")
    talk = page.get_by_role("log", name="Conversation")
    await change(page, "Hi, this is Acme.", "Good morning, Acme here.")
    await say(page, "where is my order")
    await expect(talk).to_contain_text("Good morning, Acme here.", timeout=PATIENCE_MS)
    await expect(talk.locator(".agent").last).to_contain_text("What's the order number?")
    await expect(talk.locator("summary").last).to_contain_text("sure: task.order_status")
    await say(page, "#4567")
    await expect(talk).to_contain_text("Order 4 5 6 7 has shipped.")
    await expect(talk).to_contain_text("orders_db.order_status(order_id=4567) → found")
    await change(page, "Good morning", "Good evening")
    await say(page, "no thanks")
    await expect(talk).to_contain_text("Good evening, Acme here.", timeout=PATIENCE_MS)
    await change(page, "greeting:", "greetin:")
    await say(page, "hello")
    await expect(talk.locator(".note").last).to_contain_text("greetin", timeout=PATIENCE_MS)
    assert problems == []


async def test_a_new_dialplan_gets_a_knowledge_file_that_answers(desk, vectors):
    page = await desk.new_page()
    await page.goto("/dialplans")
    await page.get_by_role("link", name="New dialplan").click()
    await page.get_by_label("Name").fill("front-desk")
    await page.get_by_label("Numbers").fill("5001")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.locator("#marks")).to_have_text("no errors", timeout=PATIENCE_MS)
    await change(page, "knowledge:\n", "knowledge:\n  files: [faq.md]\n")
    await expect(page.locator("#files .error")).to_contain_text("no answers", timeout=PATIENCE_MS)
    await page.get_by_label("faq.md").fill("## Do you ship to Canada?\n\nYes, within ten days.\n")
    await expect(page.locator("#marks")).to_have_text("no errors", timeout=PATIENCE_MS)
    await say(page, "do you ship to canada")
    await expect(page.get_by_role("log", name="Conversation")).to_contain_text(
        "Yes, within ten days.", timeout=PATIENCE_MS
    )
    await page.get_by_role("button", name="What changes?").click()
    await expect(page.locator("#diff")).to_contain_text("+## Do you ship to Canada?")
