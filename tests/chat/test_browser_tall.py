"""A message that is taller than the screen: cut, until its reader wants all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from talking import join
from windows import enter, say

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

TALL = "\n".join(f"line {number}" for number in range(200))
SCROLLED = "document.getElementById('scroller').scrollTop"


async def top(part: Locator) -> float:
    box = await part.bounding_box()
    assert box is not None
    return box["y"]


async def tall(browser: Browser, site: servers.Site, room: str, text: str = TALL) -> Page:
    """A room in which others are heard before and after a tall message."""
    page = await enter(browser, site, room)
    async with join(site, room) as bob:
        for each in ("before", text, "after"):
            await bob.ask({"message": each})
    await expect(page.locator("#log .bubble")).to_have_count(3)
    return page


async def test_it_is_cut_and_the_keyboard_opens_and_shuts_it(
    browser: Browser, chat: servers.Site
) -> None:
    page = await tall(browser, chat, "tall")
    more = page.get_by_role("button", name="Show more")
    await expect(page.locator("#log .bubble").first).to_be_in_viewport()
    await expect(page.locator("#log .bubble").last).to_be_in_viewport()
    await expect(more).to_have_attribute("aria-expanded", "false")
    before = await top(page.locator(".foldable"))
    await more.focus()
    await page.keyboard.press("Enter")

    less = page.get_by_role("button", name="Show less")
    await expect(less).to_be_focused()
    await expect(less).to_have_attribute("aria-expanded", "true")
    assert abs(await top(page.locator(".foldable")) - before) < 2
    await expect(page.locator("#log .bubble").last).not_to_be_in_viewport()
    await less.press("Enter")
    await expect(more).to_be_focused()
    await expect(more).to_be_in_viewport()


async def test_who_reads_on_in_it_is_not_carried_away_by_news(
    browser: Browser, chat: servers.Site
) -> None:
    page = await tall(browser, chat, "tall-news")
    await page.click("text=Show more")
    before = await page.evaluate(SCROLLED)
    async with join(chat, "tall-news") as bob:
        await bob.ask({"message": "news"})
    await expect(page.locator("#pill")).to_be_visible()

    assert await page.evaluate(SCROLLED) == before


async def test_what_is_below_stays_in_view_when_it_is_shut(
    browser: Browser, chat: servers.Site
) -> None:
    page = await tall(browser, chat, "tall-shut")
    for number in range(12):
        await say(page, f"mine {number}\n\n\n\n")
    await expect(page.locator("#log .own .bubble")).to_have_count(12)
    await page.click("text=Show more")
    less = page.locator(".unfold")
    await less.scroll_into_view_if_needed()
    before = await top(less)
    await less.click()

    await expect(less).to_have_text("Show more")
    assert abs(await top(less) - before) < 2


async def test_the_keyboard_opens_it_by_going_to_a_link_that_is_cut_off(
    browser: Browser, chat: servers.Site
) -> None:
    page = await tall(browser, chat, "tall-link", f"{TALL}\nhttps://example.org/")
    await expect(page.locator(".folded")).to_have_count(1)
    await page.locator(".foldable a").focus()

    await expect(page.locator(".folded")).to_have_count(0)
    await expect(page.locator(".foldable a")).to_be_focused()


async def test_an_ordinary_message_has_no_such_button(browser: Browser, chat: servers.Site) -> None:
    page = await tall(browser, chat, "not-tall", "\n".join("abcdefghijkl"))

    await expect(page.locator(".unfold")).to_have_count(0)
