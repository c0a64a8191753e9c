"""The room in a real browser, when the wire between it and the server misbehaves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect
from talking import until
from windows import TEXT, enter, say

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser, Page, WebSocketRoute

pytestmark = pytest.mark.browser


class Wire:
    """What lies between a page and the real server: it can lose frames, and closes on demand."""

    def __init__(self) -> None:
        self.sockets: list[WebSocketRoute] = []
        self.sent: list[dict[str, Any]] = []
        self.heard: list[str] = []  # types of frames that came through
        self.lost: set[str] = set()  # types of frames that do not come through to the page

    def route(self, page_side: WebSocketRoute) -> None:
        """Let one socket through."""
        server_side = page_side.connect_to_server()
        self.sockets.append(page_side)

        def to_server(text: str | bytes) -> None:
            self.sent.append(json.loads(text))
            server_side.send(text)

        def to_page(text: str | bytes) -> None:
            frame = json.loads(text)
            for event in frame["events"] if frame["type"] == "batch" else [frame]:
                if event["type"] not in self.lost:
                    page_side.send(json.dumps(event))
                    self.heard.append(event["type"])

        page_side.on_message(to_server)
        server_side.on_message(to_page)


async def enter_by_wire(browser: Browser, site: servers.Site, room: str) -> tuple[Page, Wire]:
    """Open a window whose clock and wire are the test's."""
    wire = Wire()
    page = await browser.new_page(viewport={"width": 1000, "height": 700})
    await page.clock.install()
    await page.route_web_socket("**/ws/chat/**", wire.route)
    await page.goto(f"{site.url}/chat/{room}/")
    await expect(page.locator("#state")).to_have_attribute("data-state", "open", timeout=30_000)
    await page.clock.pause_at(await page.evaluate("Date.now() + 1000"))
    return page, wire


async def test_a_lost_receipt_makes_the_page_come_back_and_find_it(
    browser: Browser, chat: servers.Site
) -> None:
    ada, wire = await enter_by_wire(browser, chat, "lost-echo")
    bob = await enter(browser, chat, "lost-echo")
    wire.lost.add("message")
    await say(ada, "only once")
    await expect(bob.locator("#log .bubble")).to_have_count(1)
    wire.lost.clear()
    await ada.clock.fast_forward(10_000)
    await expect(ada.locator("#state")).to_have_attribute("data-state", "waiting")
    await ada.clock.fast_forward(1_000)
    await expect(ada.locator("#log .own .bubble")).to_have_count(1)
    await say(ada, "and on")

    await expect(bob.locator("#log .bubble").last).to_contain_text("and on")
    await expect(bob.locator("#log .bubble")).to_have_count(2)
    await expect(ada.locator("#pending .turn")).to_have_count(0)
    texts = [frame["message"] for frame in wire.sent if "message" in frame]
    assert texts == ["only once", "and on"]  # it came with what was missed


async def test_a_silent_server_is_asked_and_then_left(browser: Browser, chat: servers.Site) -> None:
    ada, wire = await enter_by_wire(browser, chat, "silent")
    await say(ada, "whatever was under way is done when this comes back")
    await expect(ada.locator("#log .bubble")).to_have_count(1)
    wire.sent.clear()
    wire.heard.clear()
    await ada.clock.fast_forward(25_000)
    await until(lambda: is_in("pong", wire.heard))
    await ada.clock.fast_forward(6_000)
    await expect(ada.locator("#state")).to_have_attribute("data-state", "open")
    wire.lost.add("pong")
    await ada.clock.fast_forward(19_000)
    await ada.clock.fast_forward(5_000)

    await expect(ada.locator("#state")).to_have_attribute("data-state", "waiting")
    assert wire.sent == [{"ping": True}] * 2


async def is_in(kind: str, kinds: list[str]) -> bool:
    return kind in kinds


@pytest.mark.parametrize(
    "row",
    [
        (4008, "in 10 s", 9_000, 2),
        (4029, "in 30 s", 29_000, 2),
        (4404, "is closed", 600_000, 1),
    ],
)
async def test_a_close_that_asks_for_distance_gets_it(
    browser: Browser, chat: servers.Site, row: tuple[int, str, int, int]
) -> None:
    code, words, too_soon, sockets = row
    ada, wire = await enter_by_wire(browser, chat, "distance")
    await wire.sockets[0].close(code=code)
    await expect(ada.locator("#bar")).to_contain_text(words)
    await ada.clock.fast_forward(too_soon)
    before = len(wire.sockets)
    await ada.clock.fast_forward(2_000)
    if sockets == 2:
        await expect(ada.locator("#state")).to_have_attribute("data-state", "open")

    assert (before, len(wire.sockets)) == (1, sockets)


async def test_a_refused_message_can_be_tried_again_or_discarded(
    browser: Browser, chat: servers.Site
) -> None:
    ada, wire = await enter_by_wire(browser, chat, "refused")
    # Half of a character, which a page can hold and no server accept.
    await ada.evaluate(f"{TEXT}.value = 'a\\ud800'; {TEXT}.dispatchEvent(new Event('input'))")
    await ada.press("#text", "Enter")
    failed = ada.locator("#pending [data-state=failed]")
    await expect(failed).to_contain_text("half of a character")
    await failed.get_by_text("Retry").click()
    await until(lambda: sent_twice(wire))
    await expect(failed).to_have_count(1)
    await failed.get_by_text("Discard").click()

    await expect(ada.locator("#pending .turn")).to_have_count(0)
    assert len({frame["ref"] for frame in wire.sent if "message" in frame}) == 1
    await ada.reload()
    await expect(ada.locator("#state")).to_have_attribute("data-state", "open")
    await expect(ada.locator("#pending .turn")).to_have_count(0)


async def sent_twice(wire: Wire) -> bool:
    return len([frame for frame in wire.sent if "message" in frame]) == 2


async def test_going_offline_shows_at_once_and_a_reader_hears_it_once(
    browser: Browser, chat: servers.Site
) -> None:
    ada = await enter(browser, chat, "offline")
    await ada.evaluate(
        """() => {
          window.heard = [];
          const spoken = document.getElementById("spoken");
          const hear = () => heard.push(spoken.textContent);
          new MutationObserver(hear).observe(spoken, { childList: true });
        }"""
    )
    await ada.context.set_offline(True)
    await expect(ada.locator("#state")).not_to_have_attribute("data-state", "open")
    await expect(ada.locator("#bar")).to_contain_text("in 2 s", timeout=30_000)  # not the first try
    await ada.context.set_offline(False)
    await expect(ada.locator("#state")).to_have_attribute("data-state", "open")

    assert await ada.evaluate("heard") == ["Disconnected, reconnecting…", "Connected again"]
