"""What a person needs who cannot see the page, or not well, or uses no mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from talking import group_send, join
from windows import enter, say

if TYPE_CHECKING:
    import servers
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.browser

WORKED = {"button", "link", "textbox", "combobox", "dialog", "log", "complementary"}
LEVELS = ("info", "warning", "critical")

# Texts that stand out too little from what is behind them: WCAG wants 4.5 to 1.
PALE = """() => {
  const rgba = (text) => text.match(/[\\d.]+/g).map(Number);
  const part = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
  };
  const shown = (element) => element.checkVisibility({ visibilityProperty: true })
    && !element.closest(".visually-hidden, :disabled")
    && Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
  const ratio = (element) => {
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(behind(element))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const texts = Array.from(document.body.querySelectorAll("*")).filter(shown);
  const pale = texts.filter((element) => ratio(element) < 4.5);
  return [texts.length, pale.map((e) => `${e.className} ${e.textContent} ${ratio(e)}`)];
}"""

FOCUSED = "(({ id, className, href }) => id || className || href)(document.activeElement)"
WIDE = {"width": 1200, "height": 700}


async def busy(browser: Browser, site: servers.Site, room: str, **options: object) -> Page:
    """A room in which everything is that can be."""
    page = await enter(browser, site, room, viewport=WIDE, **options)
    async with join(site, room) as grace:
        await grace.ask({"message": "see https://example.org/ and more"})
        await grace.ask({"message": "🎉"})
    for level in LEVELS:
        event = {"type": "chat.system", "text": f"{level}: https://example.org/", "level": level}
        group_send(site, f"chat_{room}", event)
    await say(page, "mine: https://example.org/")
    await expect(page.locator("#log .own .bubble")).to_have_count(1)
    await expect(page.locator("#log .notice-line")).to_have_count(3)
    await page.locator("#log .bubble").first.focus()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_stands_out_from_what_is_behind_it(
    browser: Browser, chat: servers.Site, scheme: str
) -> None:
    page = await busy(browser, chat, f"contrast-{scheme}", color_scheme=scheme)
    texts, pale = await page.evaluate(PALE)
    await page.context.set_offline(True)
    await expect(page.locator("#bar")).to_be_visible()
    await page.evaluate("document.getElementById('bar').dataset.state = 'closed'")
    _, pale_offline = await page.evaluate(PALE)

    assert texts > 20
    assert pale + pale_offline == []


async def test_whatever_can_be_used_has_a_role_and_a_name(
    browser: Browser, chat: servers.Site
) -> None:
    page = await busy(browser, chat, "named")
    devtools = await page.context.new_cdp_session(page)
    tree = await devtools.send("Accessibility.getFullAXTree")
    nodes = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tree["nodes"]
        if not node["ignored"]
    ]
    roles = [role for role, _ in nodes]

    assert [role for role, name in nodes if role in WORKED and not name] == []
    assert [roles.count(role) for role in ("main", "log", "banner", "contentinfo")] == [1] * 4
    assert ("textbox", "Message to named") in nodes
    assert ("log", "Messages") in nodes
    assert [name for role, name in nodes if role == "heading"] == ["named", "People here"]


async def test_what_is_critical_interrupts_and_what_is_old_is_not_read_out(
    browser: Browser, chat: servers.Site
) -> None:
    page = await busy(browser, chat, "loud")
    loud = page.locator("#log .notice-line[aria-live=off]")

    await expect(page.locator("[role=alert]#alert")).to_contain_text("Important: critical")
    await expect(loud).to_have_count(1)  # or it would be said twice
    await expect(loud).to_contain_text("critical")
    await expect(page.locator("#log")).to_have_attribute("aria-live", "polite")
    await expect(page.locator("#log .actions")).to_have_attribute("aria-live", "off")
    await page.add_init_script(FIRST_LIVE)
    await page.reload()
    await expect(page.locator("#log .bubble")).to_have_count(3)
    assert await page.evaluate("live") == "off"


# How the log was when the first message of the history came into it.
FIRST_LIVE = """
new MutationObserver(() => {
  const log = document.getElementById("log");
  if (log?.firstElementChild && !window.live) window.live = log.getAttribute("aria-live");
}).observe(document, { childList: true, subtree: true });
"""


async def test_the_keyboard_goes_through_the_page_in_the_order_of_the_eye(
    browser: Browser, chat: servers.Site
) -> None:
    page = await enter(browser, chat, "order", viewport=WIDE)
    await say(page, "see https://example.org/")
    await expect(page.locator("#log .bubble")).to_have_count(1)
    await page.locator(".skip").focus()
    order = []
    while not order or order[-1] != "text":
        await page.keyboard.press("Tab")
        order.append(await page.evaluate(FOCUSED))

    message = ["scroller", "bubble", "https://example.org/", "copy"]
    assert order[:7] == ["back", "people-button", "me", *message]
    assert order[7:] == ["notify", "quiet", "quiet", "text"]


async def test_nothing_moves_for_who_wants_it_so(browser: Browser, chat: servers.Site) -> None:
    page = await enter(browser, chat, "still", reduced_motion="reduce")
    await page.evaluate("document.getElementById('state').dataset.state = 'connecting'")

    moving = (
        "document.getAnimations().filter((a) => a.effect.getComputedTiming().activeDuration > 1)"
    )
    assert await page.evaluate(f"{moving}.length") == 0
