"""What somebody does with one message, by mouse or by keyboard alone, and what copying gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from talking import join
from windows import enter, say

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"], "locale": "en-GB"}
MARK_ALL = "getSelection().selectAllChildren(document.getElementById('log'))"


async def clipboard(page: Page) -> str:
    return str(await page.evaluate("navigator.clipboard.readText()"))


async def test_messages_that_are_marked_are_copied_with_name_and_time(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "copies", **CLIPBOARD)
    async with join(chat, "copies") as grace:
        await grace.ask({"name": "Grace"})
        await grace.ask({"message": "see https://example.org/x,\nplease"})
        await grace.ask({"message": "%(name)s <b>"})
    await expect(ada.locator("#log .bubble")).to_have_count(2)
    await ada.evaluate(MARK_ALL)
    await ada.keyboard.press("Control+c")
    time = await ada.locator("#log time").first.text_content()

    first = f"Grace, {time}: see https://example.org/x,\nplease"
    assert await clipboard(ada) == f"{first}\nGrace, {time}: %(name)s <b>"


async def test_the_arrows_walk_through_messages_and_the_bar_copies_one(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "walks", **CLIPBOARD)
    for text in ("one", "two", "three"):
        await say(ada, text)
    await expect(ada.locator("#log .bubble")).to_have_count(3)
    await expect(ada.locator("#log .copy")).to_have_count(0)  # nobody is at a message
    await ada.locator("#scroller").focus()
    for key in ("Tab", "ArrowUp", "Tab", "Enter"):
        await ada.keyboard.press(key)
    await expect(ada.locator("#done")).to_have_text("Copied")
    assert await clipboard(ada) == "two"
    await ada.keyboard.press("Escape")

    await expect(ada.locator("#text")).to_be_focused()
    assert await ada.locator("#log [tabindex='0']").count() == 1  # a stop, not one for each


async def test_the_bar_is_where_the_mouse_is_and_there_is_one(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "hovers", **CLIPBOARD)
    await say(ada, "one")
    await say(ada, "two")
    await expect(ada.locator("#log .bubble")).to_have_count(2)
    await ada.locator("#log .bubble").first.hover()
    await ada.locator("#log .bubble").last.hover()
    await ada.click("#log .copy")
    await expect(ada.locator("#done")).to_have_text("Copied")

    assert await clipboard(ada) == "two"
    await expect(ada.locator("#log .moderate")).to_have_count(1)
    await expect(ada.locator("#log .moderate")).to_be_hidden()  # that is for staff


async def test_a_few_emoji_alone_are_large_and_text_is_not(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "emoji")
    large = ["🎉", "👍🏽 👩‍👩‍👧‍👦", "🇩🇪❤️"]
    small = ["12", "ok 👍", "🎉" * 6]
    for text in (*large, *small):
        await say(ada, text)
    await expect(ada.locator("#log .bubble")).to_have_count(6)

    assert await bubbles_that(ada, ".emoji") == [True] * 3 + [False] * 3


async def bubbles_that(page: Page, match: str) -> list[bool]:
    found = "[...document.querySelectorAll('#log .bubble')]"
    matches: list[bool] = await page.evaluate(f"{found}.map((each) => each.matches('{match}'))")
    return matches
