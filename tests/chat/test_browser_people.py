"""Who is there, who types, and what staff do, in a real browser."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from signing import sign_in
from talking import join
from windows import enter, say

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser

WIDE = {"width": 1200, "height": 700}
NARROW = {"width": 320, "height": 640}


async def staff_window(browser: Browser, site: servers.Site, room: str) -> Page:
    """A window of somebody who may moderate."""
    cookies = sign_in(site, f"warden-{secrets.token_hex(3)}", {})
    code = "from django.contrib.auth.models import User;"
    code += "User.objects.filter(username__startswith='warden-').update("
    code += "is_staff=True, is_superuser=True)"
    site.manage("shell", "--no-imports", "-v0", "-c", code)
    context = await browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    await context.add_cookies(
        [{"name": key, "value": value, "url": site.url} for key, value in cookies.items()]
    )
    page = await context.new_page()
    await page.goto(f"{site.url}/chat/{room}/")
    await expect(page.locator("#state")).to_have_attribute("data-state", "open")
    return page


async def test_who_comes_and_goes_is_seen_in_every_window(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "seen", viewport=WIDE)
    narrow = await enter(browser, chat, "seen", viewport=NARROW)
    await expect(ada.locator("#people-count")).to_have_text("2")
    async with join(chat, "seen") as bob:
        await bob.ask({"name": "<b>Bob</b>"})
        await expect(ada.locator("#people-list")).to_contain_text("<b>Bob</b>")
        await expect(ada.locator("#people-list li").first).to_contain_text("you")
        await expect(narrow.locator("#people-count")).to_have_text("3")

    await expect(ada.locator("#people-count")).to_have_text("2")
    await expect(ada.locator("#people-list")).not_to_contain_text("Bob")


async def test_the_list_of_people_opens_and_closes_by_the_keyboard_on_a_small_screen(
    browser: Browser, chat: servers.Site
) -> None:
    page = await enter(browser, chat, "small", viewport=NARROW)
    await expect(page.locator("#people")).to_be_hidden()
    await page.locator("#people-button").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#people")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(page.locator("#people-button")).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("Escape")

    await expect(page.locator("#people")).to_be_hidden()
    await expect(page.locator("#people-button")).to_be_focused()
    await expect(page.locator("#send")).to_be_in_viewport(ratio=1)
    await expect(page.locator("#me")).to_be_in_viewport(ratio=1)


async def test_typing_is_shown_to_the_others_until_the_message_comes(
    browser: Browser, chat: servers.Site
) -> None:
    ada, bob = await enter(browser, chat, "types"), await enter(browser, chat, "types")
    name = await ada.locator("#me-name").text_content()
    await expect(bob.locator("#people-count")).to_have_text("2")
    await ada.type("#text", "hel")
    await expect(bob.locator("#typing")).to_have_text(f"{name} is typing…")
    await expect(ada.locator("#typing")).to_have_text("")
    await ada.press("#text", "Enter")
    await expect(bob.locator("#log .bubble")).to_contain_text("hel")

    await expect(bob.locator("#typing")).to_have_text("")


async def test_staff_remove_a_message_and_a_person_from_the_page(
    browser: Browser, chat: servers.Site
) -> None:
    room = f"court-{secrets.token_hex(4)}"
    troll, reader = await enter(browser, chat, room), await enter(browser, chat, room)
    await say(troll, "something rude")
    staff = await staff_window(browser, chat, room)
    await expect(reader.locator(".moderate")).to_have_count(0)
    await staff.locator("#log .bubble").focus()
    await staff.locator("#log .moderate").press("Enter")
    await staff.press("#acting [type=submit]", "Enter")
    await expect(staff.locator("#acting")).to_be_hidden()
    await expect(reader.locator("#log .bubble")).to_contain_text("This message was removed.")
    await expect(reader.locator("#log .bubble")).not_to_contain_text("rude")

    name = await troll.locator("#me-name").text_content()
    for act, silenced in (("mute", "muted"), ("unmute", "")):
        await staff.locator("#people-list li", has_text=f"{name}").locator(".moderate").click()
        await staff.select_option("#acting [name=act]", act)
        await staff.click("#acting [type=submit]")
        await expect(staff.locator("#acting")).to_be_hidden()
        await expect(troll.locator("#silenced")).to_contain_text(silenced)
    await expect(troll.locator("#silenced")).to_be_empty()

    await staff.locator("#people-list li", has_text=f"{name}").locator(".moderate").click()
    await expect(staff.locator("[data-expel]")).to_be_hidden()
    await staff.select_option("#acting [name=act]", "expel")
    await expect(staff.locator("[data-expel]")).to_contain_text("bar guests")
    await staff.fill("#acting [name=why]", "rudeness")
    await staff.click("#acting [type=submit]")

    await expect(troll.locator("#bar")).to_contain_text("You were removed from this room")
    await expect(troll.locator("#bar")).to_contain_text("rudeness")
    await expect(staff.locator("#people-list")).not_to_contain_text(f"{name}")
    await troll.reload()
    await expect(troll.locator("#bar")).to_contain_text("You were removed from this room")


@pytest.mark.parametrize(("button", "words"), [("#lock", "locked"), ("#bar-guests", "signed in")])
async def test_who_may_not_write_is_told_and_a_message_waits_for_a_retry(
    browser: Browser, chat: servers.Site, button: str, words: str
) -> None:
    room = f"locked-{secrets.token_hex(4)}"
    ada = await enter(browser, chat, room)
    staff = await staff_window(browser, chat, room)
    await staff.click(button)
    await expect(ada.locator("#silenced")).to_contain_text(words)
    await say(ada, "may I?")
    await expect(ada.locator("#pending .fate")).to_contain_text(words)
    await staff.click(button)
    await expect(ada.locator("#silenced")).to_be_hidden()
    await ada.click("#pending >> text=Retry")

    await expect(staff.locator("#log .bubble")).to_contain_text("may I?")


async def test_staff_are_told_when_the_room_cannot_be_locked(
    browser: Browser, chat: servers.Site
) -> None:
    staff = await staff_window(browser, chat, "unlocked")
    code = "from django.contrib.auth.models import User;"
    code += "User.objects.filter(username__startswith='warden-').update(is_superuser=False)"
    chat.manage("shell", "--no-imports", "-v0", "-c", code)
    await staff.click("#lock")

    await expect(staff.locator("#log .warning")).to_contain_text("staff")
    await expect(staff.locator("#alert")).to_contain_text("staff")


async def test_the_lobby_shows_people_and_the_last_message_as_they_come(
    browser: Browser, chat: servers.Site
) -> None:
    room = f"lively-{secrets.token_hex(4)}"
    page = await browser.new_page()
    asked: list[str] = []
    await page.goto(chat.url)
    page.on("request", lambda request: asked.append(request.url))
    row = page.locator("#rooms li", has_text=room)
    async with join(chat, room) as talk:
        await expect(row).to_contain_text("1 person")
        await expect(row).to_contain_text("nothing said yet")
        await talk.ask({"message": "hi"})
        await expect(row).to_contain_text("last message")
        async with join(chat, room):
            await expect(row).to_contain_text("2 people")
    await expect(row).to_have_count(0)

    own = [url for url in asked if not url.endswith("favicon.svg")]  # Chromium's, whenever it likes
    assert own == []  # all of it came over the one socket
