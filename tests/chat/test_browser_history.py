"""What was said before: in a real browser, over reloads, restarts and bad lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import servers
from playwright.async_api import expect
from signing import sign_in
from talking import group_send, join
from test_chat_resume import fill
from windows import UP, enter, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser

NUMBERS = (
    "[...document.querySelectorAll('#log .bubble')]"
    ".map((bubble) => JSON.parse(bubble.dataset.number ?? null))"
)


@pytest.fixture
def own_chat(broker: servers.Valkey) -> Iterator[servers.Site]:
    """A site that a test may stop and start."""
    with servers.site(broker.url) as running:
        yield running


async def opened(page: Page) -> None:
    await expect(page.locator("#state")).to_have_attribute("data-state", "open", timeout=60_000)


async def test_a_reload_shows_what_was_said_and_whose_it_is(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "reload")
    await say(ada, "mine")
    async with join(chat, "reload") as bob:
        await bob.ask({"message": "his"})
    await expect(ada.locator("#log .bubble")).to_have_count(2)
    await ada.reload()

    await expect(ada.locator("#log .own .bubble")).to_contain_text("mine")
    await expect(ada.locator("#log .turn:not(.own) .bubble")).to_contain_text("his")
    await expect(ada.locator("#log .bubble")).to_have_count(2)


async def test_scrolling_up_leads_to_the_first_of_five_hundred(
    browser: Browser, chat: servers.Site
) -> None:
    await fill(chat, "long-ago", 500)
    ada = await enter(browser, chat, "long-ago")
    await expect(ada.locator("#log .bubble")).to_have_count(50)
    await expect(ada.locator("#log .bubble").last).to_be_in_viewport()
    for pages in range(2, 11):
        await ada.evaluate(UP)
        await expect(ada.locator(f"#log [data-number='{500 - 50 * pages + 1}']")).to_have_count(1)

    assert await ada.evaluate(NUMBERS) == [*range(1, 501)]
    await expect(ada.locator("#log .day")).to_have_count(1)
    await ada.evaluate(UP)
    await expect(ada.locator("#welcome")).to_be_visible()


async def test_what_is_being_read_stays_where_it_is_when_older_ones_come(
    browser: Browser, chat: servers.Site
) -> None:
    await fill(chat, "steady", 120)
    ada = await enter(browser, chat, "steady")
    await expect(ada.locator("#log .bubble")).to_have_count(50)
    read = ada.locator("#log [data-number='73']")
    await ada.evaluate("document.querySelector('[data-number=\"73\"]').scrollIntoView()")
    before = await read.bounding_box()
    await expect(ada.locator("#log .bubble")).to_have_count(100)
    after = await read.bounding_box()

    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2


async def test_what_was_missed_is_there_after_the_server_was_killed(
    browser: Browser, own_chat: servers.Site
) -> None:
    ada, bob = await enter(browser, own_chat, "lobby"), await enter(browser, own_chat, "lobby")
    await say(ada, "one")
    await expect(bob.locator("#log .bubble")).to_have_count(1)
    own_chat.kill()
    await expect(bob.locator("#state")).not_to_have_attribute("data-state", "open")
    await bob.context.set_offline(True)
    own_chat.start()
    await opened(ada)
    await say(ada, "two")
    await say(ada, "three")
    await expect(ada.locator("#log .bubble")).to_have_count(3)
    await bob.context.set_offline(False)
    await expect(bob.locator("#log .bubble")).to_have_count(3, timeout=60_000)
    await say(bob, "four")

    for page in (ada, bob):
        await expect(page.locator("#log .bubble")).to_have_count(4)
        assert await page.evaluate(NUMBERS) == [1, 2, 3, 4]


async def test_who_missed_too_much_sees_the_newest_and_can_scroll_to_the_rest(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "far-behind")
    await say(ada, "before")
    await expect(ada.locator("#log .bubble")).to_have_count(1)
    await ada.context.set_offline(True)
    await expect(ada.locator("#state")).not_to_have_attribute("data-state", "open")
    await fill(chat, "far-behind", 600)
    await ada.context.set_offline(False)
    await expect(ada.locator("#log .bubble").last).to_contain_text("old 599")
    await expect(ada.locator("#log .bubble")).to_have_count(50)
    await ada.evaluate(UP)

    await expect(ada.locator("#log [data-number='502']")).to_have_count(1)


async def test_the_first_unread_message_is_marked(browser: Browser, chat: servers.Site) -> None:
    cookies = sign_in(chat, "marker", {})
    context = await browser.new_context()
    await context.add_cookies(
        [{"name": key, "value": value, "url": chat.url} for key, value in cookies.items()]
    )
    ada = await context.new_page()
    async with join(chat, "unread") as bob:
        await bob.ask({"message": "read"})
        await ada.goto(f"{chat.url}/chat/unread/")
        await expect(ada.locator("#log .bubble")).to_have_count(1)
        await expect(ada.locator("#log .unread")).to_have_count(0)
        await ada.goto(chat.url)
        await bob.ask({"message": "unread"})
        await bob.ask({"message": "unread too"})
        await ada.goto(f"{chat.url}/chat/unread/")
    await expect(ada.locator("#log .bubble")).to_have_count(3)

    await expect(ada.locator("#log .unread")).to_have_count(1)
    await expect(ada.locator("#log .unread + .turn")).to_contain_text("unread")
    await say(ada, "I am back")
    await expect(ada.locator("#log .unread")).to_have_count(0)


async def test_system_words_and_foreign_messages_are_drawn_among_the_stored_ones(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "mixed")
    await say(ada, "one")
    await expect(ada.locator("#log .bubble")).to_have_count(1)
    group_send(chat, "chat_mixed", {"type": "chat.system", "text": "Back in 5"})
    await expect(ada.locator("#log .notice-line")).to_have_count(1)
    group_send(chat, "chat_mixed", {"type": "chat.message", "text": "from elsewhere"})
    await expect(ada.locator("#log .bubble")).to_have_count(2)
    await say(ada, "two")

    await expect(ada.locator("#log .bubble")).to_have_count(3)
    assert await ada.evaluate(NUMBERS) == [1, None, 2]
