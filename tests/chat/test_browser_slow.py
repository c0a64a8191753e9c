"""The room on a network that is slow, and then gone for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from windows import enter, say

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser

SLOW = {"offline": False, "latency": 1500, "downloadThroughput": 4000, "uploadThroughput": 4000}


async def bubbles(page: Page) -> list[str]:
    texts = await page.locator("#log .bubble").all_text_contents()
    return [text.split(": ", 1)[1] for text in texts]


async def test_on_a_slow_network_each_message_tells_its_state_and_arrives_once(
    browser: Browser, chat: servers.Site
) -> None:
    ada, bob = await enter(browser, chat, "slow"), await enter(browser, chat, "slow")
    wire = await ada.context.new_cdp_session(ada)
    await wire.send("Network.enable")
    await wire.send("Network.emulateNetworkConditions", SLOW)
    await say(ada, "one")
    await say(ada, "two")
    await expect(ada.locator("#pending [data-state=sending]")).to_have_count(2)
    await expect(ada.locator("#pending .fate").first).to_have_text("Sending…")
    await ada.context.set_offline(True)
    await expect(ada.locator("#pending [data-state=waiting]")).to_have_count(2)
    await say(ada, "three")
    await expect(ada.locator("#pending .fate").last).to_have_text("Waiting for the connection")
    await ada.context.set_offline(False)
    await wire.send("Network.emulateNetworkConditions", SLOW)
    await expect(ada.locator("#pending .turn")).to_have_count(0, timeout=60_000)
    await say(ada, "four")

    await expect(bob.locator("#log .bubble")).to_have_count(4, timeout=60_000)
    await expect(ada.locator("#log .own .bubble")).to_have_count(4, timeout=60_000)
    assert await bubbles(bob) == ["one", "two", "three", "four"]
    assert await bubbles(ada) == ["one", "two", "three", "four"]
