"""A page as it is seen: on a desk and a phone, in light and in dark, and by those who see or move otherwise."""

from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ConsoleMessage, Page

LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "is_mobile": True},
}


async def look(page: Page, name: str, screenshots: Path | None) -> None:
    """Nothing serious for people who see or move otherwise, and nothing wider than the window.

    :param screenshots: where a picture of it goes.
    """
    found = (await Axe().run(page)).response["violations"]
    serious = [
        f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")
    ]
    if screenshots:
        await page.screenshot(path=screenshots / f"{name}.png")
    assert not serious, f"{name}: {serious}"
    assert page.viewport_size
    wider = await page.evaluate("document.documentElement.scrollWidth") - page.viewport_size["width"]
    assert wider <= 0, f"{name} is {wider} pixels wider than the window"


def note_errors(page: Page, problems: list[str]) -> None:
    """Into ``problems`` goes all that the page's scripts complain of."""

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"{message.location['url']}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: problems.append(str(error)))
