"""The lobby in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from signing import sign_in
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


async def test_the_focus_stays_on_its_room_when_the_list_changes(
    browser: Browser, chat: servers.Site
) -> None:
    page = await browser.new_page()
    async with join(chat, "focused") as stays:
        await page.goto(chat.url)
        link = page.locator("#rooms a", has_text="focused")
        await expect(link).to_contain_text("1 person", timeout=30_000)
        await link.focus()
        async with join(chat, "focused"):
            await expect(link).to_contain_text("2 people", timeout=30_000)

            await expect(link).to_be_focused()
        await stays.ask({"ping": True})


async def test_a_long_name_leaves_the_lobbys_head_whole(
    browser: Browser, production: servers.Site
) -> None:
    name = "x" * 150
    cookies = sign_in(production, name, {})
    context = await browser.new_context(viewport={"width": 320, "height": 640})
    await context.add_cookies(
        [{"name": key, "value": value, "url": production.url} for key, value in cookies.items()]
    )
    page = await context.new_page()
    await page.goto(production.url)

    await expect(page.locator(".who")).to_have_text(name)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    heights = await page.evaluate(
        "[...document.querySelectorAll('.top > *')].map(e => e.clientHeight)"
    )
    assert max(heights) < 60
    await expect(page.get_by_text("Sign out")).to_be_in_viewport(ratio=1)


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
