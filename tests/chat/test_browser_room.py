"""The room in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import servers
from playwright.async_api import expect
from talking import group_send, join
from windows import UP, enter, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>&amp;'


@pytest.fixture
def own_chat(broker: servers.Valkey) -> Iterator[servers.Site]:
    """A site that a test may stop and start."""
    with servers.site(broker.url) as running:
        yield running


async def test_two_windows_see_each_other_and_a_third_room_sees_nothing(
    browser: Browser, chat: servers.Site
) -> None:
    ada, bob = await enter(browser, chat, "two"), await enter(browser, chat, "two")
    elsewhere = await enter(browser, chat, "three")
    await say(ada, "hello Bob")
    await expect(bob.locator("#log .bubble")).to_contain_text("hello Bob")
    await say(bob, "hello Ada")
    await say(elsewhere, "anybody?")

    await expect(ada.locator("#log .own .bubble")).to_contain_text("hello Bob")
    await expect(ada.locator("#log .turn:not(.own) .bubble")).to_contain_text("hello Ada")
    await expect(ada.locator("#pending .turn")).to_have_count(0)
    await expect(elsewhere.locator("#log .bubble")).to_have_count(1)


async def test_nothing_typed_is_lost_while_the_server_restarts(
    browser: Browser, own_chat: servers.Site
) -> None:
    ada, bob = await enter(browser, own_chat, "lobby"), await enter(browser, own_chat, "lobby")
    own_chat.kill()
    await expect(ada.locator("#bar")).to_contain_text("Reconnecting")
    for number in range(1, 31):  # more than the server lets through at once
        await say(ada, f"typed while away {number}")
    await ada.fill("#text", "and a draft")
    await expect(ada.locator("#pending .turn")).to_have_count(30)
    # Ada comes back last: what is said while Bob is away is not kept for him in this release.
    await ada.context.set_offline(True)
    own_chat.start()
    await expect(bob.locator("#state")).to_have_attribute("data-state", "open", timeout=60_000)
    await expect(ada.locator("#pending .turn")).to_have_count(30)
    await ada.context.set_offline(False)

    await expect(bob.locator("#log .bubble")).to_have_count(30, timeout=60_000)
    heard = await bob.locator("#log .bubble").all_text_contents()
    assert [text.split(": ", 1)[1] for text in heard] == [
        f"typed while away {number}" for number in range(1, 31)
    ]
    await expect(ada.locator("#pending .turn")).to_have_count(0)
    await expect(ada.locator("#bar")).to_be_hidden()
    await expect(ada.locator("#text")).to_have_value("and a draft")


async def test_what_waits_and_what_is_half_written_survives_a_reload(
    browser: Browser, own_chat: servers.Site
) -> None:
    ada, bob = await enter(browser, own_chat, "lobby"), await enter(browser, own_chat, "lobby")
    await ada.evaluate("WebSocket.prototype.send = () => {}")
    await say(ada, "sent into the void")
    await ada.fill("#text", "half a thou")
    await ada.reload()

    await expect(bob.locator("#log .bubble")).to_contain_text("sent into the void")
    await expect(ada.locator("#text")).to_have_value("half a thou")


async def test_retry_now_comes_back_at_once(browser: Browser, own_chat: servers.Site) -> None:
    ada = await enter(browser, own_chat, "lobby")
    own_chat.kill()
    # By now it would wait for longer than the assertion below does.
    await expect(ada.locator("#bar")).to_contain_text("in 7 s", timeout=60_000)
    own_chat.start()
    await ada.click("#retry")

    await expect(ada.locator("#state")).to_have_attribute("data-state", "open")


@pytest.mark.parametrize("level", ["info", "warning", "critical"])
async def test_a_system_message_is_set_apart(
    browser: Browser, chat: servers.Site, level: str
) -> None:
    ada = await enter(browser, chat, f"system-{level}")
    event = {"type": "chat.system", "text": "Back in 5", "level": level, "from": "ops"}
    group_send(chat, f"chat_system-{level}", event)

    line = ada.locator(f"#log .notice-line.{level}")
    await expect(line).to_contain_text("Back in 5")
    await expect(line).to_contain_text("ops")
    await expect(ada.locator("#log .bubble")).to_have_count(0)
    spoken = await ada.locator("#alert").text_content()
    assert bool(spoken) == (level == "critical")


async def test_markup_and_script_are_only_text(browser: Browser, chat: servers.Site) -> None:
    ada, bob = await enter(browser, chat, "hostile"), await enter(browser, chat, "hostile")
    dialogs: list[str] = []
    for page in (ada, bob):
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await ada.click("#me")
    await ada.fill("#naming-name", "<b onclick=alert(3)>Eve</b>")
    await ada.press("#naming-name", "Enter")
    await expect(ada.locator("#me-name")).to_have_text("<b onclick=alert(3)>Eve</b>")
    await say(ada, HOSTILE)
    group_send(chat, "chat_hostile", {"type": "chat.system", "text": HOSTILE, "from": HOSTILE})

    await expect(bob.locator("#log .bubble")).to_contain_text(HOSTILE)
    await expect(bob.locator("#log .by")).to_have_text("<b onclick=alert(3)>Eve</b>")
    await expect(bob.locator("#log .notice-line p")).to_have_text(HOSTILE)
    assert await bob.locator("#log img, #log script, #log [onclick]").count() == 0
    assert dialogs == []


async def test_a_name_is_refused_or_kept_by_the_dialog(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "naming")
    await ada.click("#me")
    await ada.fill("#naming-name", "SYSTEM")
    await ada.press("#naming-name", "Enter")
    await expect(ada.locator("#naming-error")).to_contain_text("reserved")
    await ada.fill("#naming-name", "Grace Hopper")
    await ada.press("#naming-name", "Enter")
    await expect(ada.locator("#naming")).to_be_hidden()
    await ada.reload()

    await expect(ada.locator("#me-name")).to_have_text("Grace Hopper")


async def test_the_reader_is_not_moved_and_is_told_what_came(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "reading")
    for number in range(15):
        await say(ada, f"line {number}\n\n\n")
    await expect(ada.locator("#log .bubble")).to_have_count(15)
    await ada.evaluate(UP)
    async with join(chat, "reading") as bob:
        await bob.ask({"message": "news"})

    await expect(ada.locator("#pill")).to_have_text("1 new message ↓")
    assert await ada.evaluate("document.getElementById('scroller').scrollTop") == 0
    await ada.click("#pill")
    await expect(ada.locator("#log .bubble").last).to_be_in_viewport()
    await expect(ada.locator("#pill")).to_be_hidden()


async def test_shift_enter_makes_a_line_and_too_long_is_kept(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "writing")
    await ada.type("#text", "one")
    await ada.press("#text", "Shift+Enter")
    await ada.type("#text", "two")
    await ada.press("#text", "Enter")
    await expect(ada.locator("#log .bubble")).to_contain_text("one\ntwo")
    await say(ada, "x" * 4001)

    await expect(ada.locator("#counter")).to_contain_text("4001 of 4000")
    await expect(ada.locator("#send")).to_be_disabled()
    assert len(await ada.input_value("#text")) == 4001
