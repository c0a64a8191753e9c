"""Browser windows of the chat, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser, Page


TEXT = "document.getElementById('text')"

# Done when the page has been told, which is a frame later.
UP = """() => new Promise((done) => {
  const scroller = document.getElementById("scroller");
  scroller.addEventListener("scroll", () => done(), { once: true });
  scroller.scrollTop = 0;
})"""


async def enter(browser: Browser, site: servers.Site, room: str, **options: object) -> Page:
    """Open a window of somebody new, in a room."""
    options.setdefault("viewport", {"width": 1000, "height": 700})
    page = await (await browser.new_context(**options)).new_page()  # type: ignore[arg-type]  # options of ours
    await page.goto(f"{site.url}/chat/{room}/")
    await expect(page.locator("#state")).to_have_attribute("data-state", "open", timeout=30_000)
    return page


async def say(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.press("#text", "Enter")
