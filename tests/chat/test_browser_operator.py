"""An operator at a command line, and the people in their browsers."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from processes import ROOT
from windows import enter, say

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser

pytestmark = pytest.mark.browser

CHATOPS = (sys.executable, "-m", "chatops")


async def chatops(site: servers.Site, *arguments: str) -> asyncio.subprocess.Process:
    """Start a command line that has nothing in common with the server but its settings."""
    return await asyncio.create_subprocess_exec(
        *CHATOPS, *arguments, cwd=ROOT, env=site.env, stdout=-1, stderr=-1
    )


async def test_a_broadcast_reaches_every_window_in_its_room_and_no_other(
    browser: Browser, chat: servers.Site
) -> None:
    ada, bob = await enter(browser, chat, "ops"), await enter(browser, chat, "ops")
    eve = await enter(browser, chat, "elsewhere")
    await say(ada, "hello bob")
    await expect(bob.locator("#log .bubble")).to_contain_text(["hello bob"])

    sent = await chatops(chat, "broadcast", "ops", "Back in 5", "--json")
    out, err = await sent.communicate()

    assert (sent.returncode, err) == (0, b"")
    assert json.loads(out.splitlines()[0])["reach"] == {"count": 1, "unit": "processes"}
    for page in (ada, bob):
        await expect(page.locator("#log .notice-line")).to_contain_text("Back in 5")
    await say(eve, "alone")
    await expect(eve.locator("#log .bubble")).to_contain_text(["alone"])
    await expect(eve.locator("#log .notice-line")).to_have_count(0)


async def test_a_tail_shows_what_is_typed_in_a_window(browser: Browser, chat: servers.Site) -> None:
    ada = await enter(browser, chat, "watched")
    tail = await chatops(chat, "tail", "watched", "--json", "-n", "1")
    assert tail.stderr is not None
    assert json.loads(await tail.stderr.readline())["kind"] == "ready"
    await say(ada, "<b>typed</b>")

    out, _ = await tail.communicate()

    message = json.loads(out)
    assert tail.returncode == 0
    assert (message["room"], message["body"]["text"]) == ("watched", "<b>typed</b>")


async def test_rooms_lists_the_rooms_that_windows_are_in(
    browser: Browser, chat: servers.Site
) -> None:
    await enter(browser, chat, "größe")
    listed = await chatops(chat, "rooms", "gr*", "--json")

    out, _ = await listed.communicate()

    assert [json.loads(line)["room"] for line in out.splitlines()] == ["größe"]
