"""The lobby in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from talking import join

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser

pytestmark = pytest.mark.browser


async def test_a_room_appears_with_its_people_and_goes_with_them(
    browser: Browser, chat: servers.Site
) -> None:
    page = await browser.new_page()
    await page.goto(chat.url)
    row = page.locator("#rooms li", has_text="visited")
    async with join(chat, "visited"), join(chat, "visited"):
        await expect(row).to_contain_text("2 people", timeout=30_000)

    await expect(row).to_have_count(0, timeout=30_000)


async def test_naming_a_room_leads_into_it(browser: Browser, chat: servers.Site) -> None:
    page = await browser.new_page()
    await page.goto(chat.url)
    await page.fill("#room", "кухня")
    await page.press("#room", "Enter")

    await expect(page.locator("h1")).to_have_text("#кухня")
    await expect(page.locator("#state")).to_have_attribute("data-state", "open")


async def test_the_lobby_works_without_javascript(browser: Browser, chat: servers.Site) -> None:
    page = await (await browser.new_context(java_script_enabled=False)).new_page()
    await page.goto(chat.url)
    await page.fill("#name", "Ada Lovelace")
    await page.click("text=Save name")
    await expect(page.locator("#name")).to_have_value("Ada Lovelace")
    await page.fill("#room", "no such room!")
    await page.click("text=Enter room")

    await expect(page.locator("#room-error")).to_contain_text("letters, digits")
    await expect(page.locator("#room")).to_have_value("no such room!")


async def test_nothing_on_the_pages_breaks_their_own_policy(
    browser: Browser, chat: servers.Site
) -> None:
    page = await browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in ("/", "/accounts/login/", "/chat/policy/"):
        await page.goto(chat.url + path)
    await expect(page.locator("#state")).to_have_attribute("data-state", "open")

    assert complaints == []
