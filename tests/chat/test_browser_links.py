"""Addresses in what people say: clickable, and what they seem."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from windows import enter, say

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser, Locator

pytestmark = pytest.mark.browser

CLICKABLE = {
    "see https://example.com/a?b=c#d.": ["https://example.com/a?b=c#d"],
    "(http://example.com/)": ["http://example.com/"],
    "https://en.example/Foo_(bar), then": ["https://en.example/Foo_(bar)"],
    "HTTPS://Example.com and http://b.example:8080/x!": [
        "https://example.com/",
        "http://b.example:8080/x",
    ],
    "javascript:alert(1) data:text/html,x ftp://a.example file:///etc/passwd": [],
    "https://bank.example@evil.example/": [],
    "https:// http:///// https://[::": [],
    "<a href=https://a.example>x</a>": ["https://a.example/"],
    "https://a.example/\u202egpj.exe": ["https://a.example/"],
}


async def test_http_addresses_alone_are_links_and_lead_where_they_say(
    browser: Browser, chat: servers.Site
) -> None:
    page = await enter(browser, chat, "links")

    for number, (text, addresses) in enumerate(CLICKABLE.items()):
        await say(page, text)
        bubble = page.locator(".bubble[data-number]").nth(number)
        await expect(bubble).to_be_visible()
        assert await hrefs(bubble) == addresses, text
        assert (await bubble.text_content() or "").endswith(text.replace("\u202e", "\u202e"))
        for link in await bubble.locator("a").all():
            assert await link.get_attribute("target") == "_blank"
            assert "noopener" in (await link.get_attribute("rel") or "")


async def test_an_address_that_looks_like_another_shows_the_name_that_is_asked_for(
    browser: Browser, chat: servers.Site
) -> None:
    page = await enter(browser, chat, "alike")

    await say(page, "https://аpple.com/ and https://apple.com/")  # noqa: RUF001 - one is Cyrillic

    links = page.locator(".bubble[data-number] a")
    await expect(links).to_have_count(2)
    await expect(links.nth(0)).to_contain_text("(xn--pple-43d.com)")
    await expect(links.nth(1)).to_have_text("https://apple.com/")


async def hrefs(bubble: Locator) -> list[str | None]:
    return [await link.get_attribute("href") for link in await bubble.locator("a").all()]
