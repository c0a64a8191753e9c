"""Names and texts that run from right to left, among others: each in its own direction alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from talking import group_send, join
from windows import enter

from chat.protocol.rooms import groups

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser

pytestmark = pytest.mark.browser

ROOM = "חדר"
NAME = "דניאל"

# Where a name that somebody chose stands without being set apart from what is around it.
EXPOSED = """(name) => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode;
    const { unicodeBidi } = getComputedStyle(text.parentElement);
    const apart = text.data.trim() === name && unicodeBidi === "isolate";
    if (text.data.includes(name) && !apart) found.push(text.data);
  }
  return found;
}"""

# How far to the left each of two parts of a line begins.
BEGINS = """(line) => ["is typing", "דניאל"].map((part) => {
  const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.data.indexOf(part);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walk.currentNode, at);
    range.setEnd(walk.currentNode, at + part.length);
    return range.getBoundingClientRect().left;
  }
})"""


async def test_a_name_turns_nothing_around_it(browser: Browser, chat: servers.Site) -> None:
    page = await enter(browser, chat, ROOM, viewport={"width": 1100, "height": 700})
    async with join(chat, ROOM) as daniel:
        await daniel.send({"name": NAME})
        await daniel.send({"message": "hello"})
        event = {"type": "chat.system", "text": "Back in 5", "from": NAME}
        group_send(chat, groups.group(ROOM), event)
        await expect(page.locator("#log .by")).to_have_text(NAME)
        await expect(page.locator("#log .notice-line")).to_contain_text(NAME)
        await expect(page.locator("#people-list")).to_contain_text(NAME)
        await daniel.send({"typing": True})
        await expect(page.locator("#typing")).to_have_text(f"{NAME} is typing…")
        spoken, name = await page.locator("#typing").evaluate(BEGINS)

        assert name < spoken  # though the line begins with it
        assert await page.evaluate(EXPOSED, NAME) == []
    assert await page.title() == f"\u2068{ROOM}\u2069 · Chat"


async def test_the_lobby_sets_the_names_of_rooms_apart(
    browser: Browser, chat: servers.Site
) -> None:
    page = await browser.new_page()
    async with join(chat, ROOM):
        await page.goto(chat.url)
        await expect(page.locator("#rooms")).to_contain_text(ROOM)

        assert await page.evaluate(EXPOSED, ROOM) == []
