"""Reading a room in a real browser: what stays in view, who says it, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from talking import group_send, join
from windows import TEXT, UP, enter

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser

pytestmark = pytest.mark.browser

FITS = "document.documentElement.scrollHeight <= innerHeight"


@pytest.mark.parametrize("size", [(1000, 700), (360, 640)])
async def test_the_page_itself_never_scrolls_however_much_is_said(
    browser: Browser, chat: servers.Site, size: tuple[int, int]
) -> None:
    view = {"width": size[0], "height": size[1]}
    ada = await enter(browser, chat, f"long-{size[0]}", viewport=view)
    for part in range(3):  # a socket each, since one may say 20 at once
        async with join(chat, f"long-{size[0]}") as bob:
            for number in range(20):
                await bob.ask({"message": f"line {part}.{number}"})
    await expect(ada.locator("#log .bubble")).to_have_count(60)

    assert await ada.evaluate(FITS)
    await expect(ada.locator("#log .bubble").last).to_be_in_viewport()
    await ada.evaluate(UP)
    async with join(chat, f"long-{size[0]}") as bob:
        await bob.ask({"message": "news"})
    await expect(ada.locator("#pill")).to_be_visible()
    await ada.evaluate("document.getElementById('scroller').scrollTop = 1e9")
    await expect(ada.locator("#pill")).to_be_hidden()


async def test_a_tick_is_for_accounts_alone_and_each_script_runs_its_own_way(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "ticks")
    said = {"type": "chat.message", "text": "שלום!", "name": "ada"}
    group_send(chat, "chat_ticks", said | {"guest": True})
    group_send(chat, "chat_ticks", said | {"guest": False, "text": "hello"})
    await expect(ada.locator("#log .bubble")).to_have_count(2)

    await expect(ada.locator("#log .turn", has_text="hello").locator(".verified")).to_have_count(1)
    await expect(ada.locator("#log .verified")).to_have_count(1)
    bubbles = ada.locator("#log .bubble")
    for number in range(2):
        await expect(bubbles.nth(number)).to_have_css("unicode-bidi", "plaintext")
    for field in ("#text", "#naming-name"):
        await expect(ada.locator(field)).to_have_attribute("dir", "auto")


async def test_what_comes_while_the_window_is_hidden_is_counted_and_spoken(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "hidden")
    await ada.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { get: () => window.away, configurable: true });
          window.look = (away) => {
            window.away = away;
            document.dispatchEvent(new Event("visibilitychange"));
          };
          look(true);
        }"""
    )
    async with join(chat, "hidden") as bob:
        await bob.ask({"message": "one"})
        await bob.ask({"message": "two"})
    await expect(ada).to_have_title("(2) hidden · Chat")
    await ada.evaluate("look(false)")

    await expect(ada).to_have_title("hidden · Chat")
    await expect(ada.locator("#log")).to_have_attribute("role", "log")
    await expect(ada.locator("#log")).to_have_attribute("aria-live", "polite")
    await expect(ada.locator("#spoken")).to_have_attribute("role", "status")


async def test_enter_that_picks_a_word_sends_nothing(browser: Browser, chat: servers.Site) -> None:
    ada = await enter(browser, chat, "composing")
    await ada.fill("#text", "にほ")
    key = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true})"
    await ada.evaluate(f"{TEXT}.dispatchEvent({key})")

    await expect(ada.locator("#text")).to_have_value("にほ")
    await expect(ada.locator("#pending .turn")).to_have_count(0)


@pytest.mark.parametrize(("protocol", "scheme"), [("https:", "wss:"), ("http:", "ws:")])
async def test_the_socket_is_as_safe_as_the_page(
    browser: Browser, chat: servers.Site, protocol: str, scheme: str
) -> None:
    ada = await enter(browser, chat, "scheme")
    url = await ada.evaluate(
        """async (protocol) => {
          const { address } = await import("/static/chat/connection.js");
          return address({ protocol, host: "chat.example" }, "/ws/chat/a/");
        }""",
        protocol,
    )

    assert url == f"{scheme}//chat.example/ws/chat/a/"
