"""Notifications of the desktop: asked for, and only when the window is out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from windows import enter, say

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser

pytestmark = pytest.mark.browser

# A headless browser shows none, so what is asked of it is written down.
RECORD = """
window.notices = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title, options) { window.notices.push(`${title}: ${options.body}`); }
};
"""
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


async def test_a_desktop_notification_comes_when_asked_for_and_out_of_sight(
    browser: Browser, chat: servers.Site
) -> None:
    ada, bob = await enter(browser, chat, "notify"), await enter(browser, chat, "notify")
    await bob.add_init_script(RECORD)
    await bob.reload()
    await expect(bob.locator("#state")).to_have_attribute("data-state", "open")
    name = await ada.text_content("#me-name")

    await bob.evaluate(HIDE, True)
    await say(ada, "nobody asked")
    await expect(bob.locator("#log .bubble")).to_contain_text(["nobody asked"])
    await bob.evaluate(HIDE, False)
    await bob.click("#people-button")
    await bob.click("#notify")
    await expect(bob.locator("#notify")).to_have_attribute("aria-pressed", "true")
    await say(ada, "in sight")
    await expect(bob.locator("#log .bubble")).to_contain_text(["in sight"])
    await bob.evaluate(HIDE, True)
    await say(ada, "<b>out of sight</b>")
    await expect(bob.locator("#log .bubble")).to_contain_text(["<b>out of sight</b>"])

    assert await bob.evaluate("window.notices") == [f"{name} in #notify: <b>out of sight</b>"]
    assert (await bob.title()).startswith("(1)")
