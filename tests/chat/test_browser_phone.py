"""The room on a small screen; the pictures are kept to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import servers
from playwright.async_api import expect
from talking import group_send, join
from windows import enter, say

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.browser

ARTIFACTS = servers.ROOT / "artifacts"
BRIGHTNESS = "Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"


@pytest.mark.parametrize(("width", "height"), [(360, 740), (320, 640)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_shows_everything_without_scrolling_sideways(
    browser: Browser, chat: servers.Site, width: int, height: int, scheme: str
) -> None:
    size = {"width": width, "height": height}
    room = f"tea-{width}-{scheme}"
    ada = await enter(browser, chat, room, viewport=size, color_scheme=scheme, has_touch=True)
    async with join(chat, room) as bob:
        await bob.ask({"name": "Grace Hopper"})
        await bob.ask({"message": "Shall we meet at ten?"})
        await bob.ask({"message": "averyveryverylongword" * 8})
        group_send(chat, f"chat_{room}", {"type": "chat.system", "text": "Back in 5 minutes"})
        await say(ada, "Yes, see you there!")
        await expect(ada.locator("#log .own .bubble")).to_have_count(1)
    light = await ada.evaluate(BRIGHTNESS)
    ARTIFACTS.mkdir(exist_ok=True)
    await ada.screenshot(path=ARTIFACTS / f"phone-{width}-{scheme}.png")

    assert (light > 128) == (scheme == "light")
    assert await ada.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for part in ("#text", "#send", "#me", ".back"):
        await expect(ada.locator(part)).to_be_in_viewport(ratio=1)


async def test_a_dialog_holds_all_that_is_in_it(browser: Browser, chat: servers.Site) -> None:
    page = await enter(browser, chat, "dialog", viewport={"width": 320, "height": 640})
    await page.click("#me")

    outside = """(dialog) => {
      const { left, right, top, bottom } = dialog.getBoundingClientRect();
      const whole = (box) => box.left >= left && box.right <= right
        && box.top >= top && box.bottom <= bottom;
      const parts = Array.from(dialog.querySelectorAll("input, select, button"));
      return parts.filter((part) => !whole(part.getBoundingClientRect())).map((part) => part.id);
    }"""
    assert await page.locator("#naming").evaluate(outside) == []
    await page.evaluate("naming.close(); acting.showModal()")
    assert await page.locator("#acting").evaluate(outside) == []


async def test_the_list_of_people_does_not_cover_what_was_beside_it(
    browser: Browser, chat: servers.Site
) -> None:
    page = await enter(browser, chat, "turned", viewport={"width": 1100, "height": 640})
    await expect(page.locator("#people")).to_be_visible()
    await page.set_viewport_size({"width": 320, "height": 640})
    await expect(page.locator("#people")).to_be_hidden()
    await page.click("#people-button")
    await expect(page.locator("#people")).to_be_visible()
    await page.mouse.click(10, 300)  # what is left of the conversation
    await expect(page.locator("#people")).to_be_hidden()
    await page.set_viewport_size({"width": 1100, "height": 640})

    await expect(page.locator("#people")).to_be_visible()
