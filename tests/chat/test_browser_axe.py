"""What axe-core finds in each view of the chat: nothing."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect
from talking import group_send, join
from test_browser_people import staff_window
from windows import enter, say

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
FOUND = """async () => {
  const { violations, passes } = await axe.run();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html)}`);
  return [passes.length, found];
}"""
SIZES = ({"width": 1100, "height": 700}, {"width": 320, "height": 640})


async def nothing_is_found(page: Page) -> None:
    """Hold a view to axe's rules, wide and narrow, light and dark."""
    await page.evaluate(AXE)
    for size in SIZES:
        await page.set_viewport_size(size)  # type: ignore[arg-type]  # sizes of ours
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # as above
            passed, found = await page.evaluate(FOUND)

            assert passed > 10
            assert found == []


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/signup/", "/chat/a b/"])
async def test_the_pages_around_the_rooms(browser: Browser, chat: servers.Site, path: str) -> None:
    page = await browser.new_page()
    await page.goto(chat.url + path)

    await nothing_is_found(page)


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
async def test_a_form_that_was_refused(browser: Browser, chat: servers.Site, path: str) -> None:
    page = await browser.new_page()
    await page.goto(chat.url + path)
    await page.fill("[name=username]", "system")
    for field in await page.locator("[type=password]").all():
        await field.fill("short")
    await page.click("main [type=submit]")
    await expect(page.locator(".error").first).to_be_visible()

    await nothing_is_found(page)


async def test_a_room_of_a_guest_with_all_that_can_be_in_it(
    browser: Browser, chat: servers.Site
) -> None:
    page = await enter(browser, chat, "axe-guest")
    await nothing_is_found(page)
    await fill_with_talk(page, chat, "axe-guest")
    await page.locator("#log .bubble").first.focus()
    await nothing_is_found(page)
    await page.context.set_offline(True)
    await say(page, "waits")
    await expect(page.locator("#bar")).to_be_visible()
    await expect(page.locator("#pending .fate")).to_be_visible()

    await nothing_is_found(page)


async def test_a_name_that_is_refused(browser: Browser, chat: servers.Site) -> None:
    page = await enter(browser, chat, "axe-name")
    await page.click("#me")
    await page.fill("#naming-name", "system")
    await page.press("#naming-name", "Enter")
    await expect(page.locator("#naming-error")).not_to_be_empty()

    await nothing_is_found(page)


async def test_what_staff_see_and_what_they_do_to_others(
    browser: Browser, chat: servers.Site
) -> None:
    guest = await enter(browser, chat, "axe-staff")
    await say(guest, "rude")
    staff = await staff_window(browser, chat, "axe-staff")
    await staff.click("#lock")
    await expect(guest.locator("#silenced")).to_be_visible()
    await say(guest, "may I?")
    await expect(guest.locator("#pending [data-state=failed]")).to_be_visible()
    await nothing_is_found(guest)
    await staff.click("#people-list .moderate")
    await staff.select_option("#acting [name=act]", "expel")
    await nothing_is_found(staff)
    await staff.click("#acting [type=submit]")
    await expect(guest.locator("#state")).to_have_attribute("data-state", "closed")

    await nothing_is_found(staff)
    await nothing_is_found(guest)


async def fill_with_talk(page: Page, site: servers.Site, room: str) -> None:
    frames: list[dict[str, Any]] = [{"name": "أحمد"}, {"message": "https://example.org/ 🎉"}]
    frames += [{"message": "\n".join(map(str, range(200)))}, {"typing": True}]
    async with join(site, room) as bob:
        for frame in frames:
            await bob.send(frame)
        await expect(page.locator("#log .bubble")).to_have_count(2)
    for level in ("info", "warning", "critical"):
        event = {"type": "chat.system", "text": f"{level} https://example.org/", "level": level}
        group_send(site, f"chat_{room}", event)
    await say(page, "mine https://example.org/")
    await expect(page.locator("#log .notice-line")).to_have_count(3)
    await expect(page.locator("#log .own .bubble")).to_have_count(1)
