"""The chat in another language than English, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import servers
from playwright.async_api import expect
from translations import compile_catalogue
from windows import enter, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.async_api import Browser

pytestmark = pytest.mark.browser

GERMAN = {"locale": "de-DE", "viewport": {"width": 1200, "height": 700}}

PAGE = {
    "People here": "Wer hier ist",
    "Message #%(room)s": "Nachricht an #%(room)s",
    "This name is reserved; please choose another one.": "Diesen Namen gibt es schon.",
    "You are muted in this room.": "Du darfst hier nichts sagen.",
    "The message has half of a character (a lone surrogate).": "Ein halbes Zeichen.",
}
SCRIPT = {
    "Connected": "Verbunden",
    "Today": "Heute",
    "Retry": "Nochmal",
    "%(number)s person\0%(number)s people": "%(number)s Mensch\0%(number)s Menschen",
}
SETTINGS = "from chatsite.settings import *\nLOCALE_PATHS = [{!r}]\n"


@pytest.fixture(scope="module")
def german(
    broker: servers.Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[servers.Site]:
    """A site that somebody translated a few texts of."""
    folder: Path = tmp_path_factory.mktemp("german")
    messages = folder / "locale" / "de" / "LC_MESSAGES"
    compile_catalogue(messages / "django.mo", PAGE)
    compile_catalogue(messages / "djangojs.mo", SCRIPT)
    (folder / "translated.py").write_text(SETTINGS.format(str(folder / "locale")))
    env = {
        "LANGUAGES": "en,de",
        "DJANGO_SETTINGS_MODULE": "translated",
        "PYTHONPATH": str(folder),
    }
    with servers.site(broker.url, env=env) as running:
        yield running


async def test_a_german_reads_german_and_an_english_reader_beside_them_english(
    browser: Browser, german: servers.Site
) -> None:
    ada, bob = await enter(browser, german, "two", **GERMAN), await enter(browser, german, "two")
    await say(ada, "hallo")
    await expect(bob.locator("#log .bubble")).to_contain_text("hallo")
    await expect(ada.locator("#people-button")).to_have_attribute("title", "2 Menschen")
    await expect(bob.locator("#people-button")).to_have_attribute("title", "2 people")

    assert await ada.evaluate("document.documentElement.lang") == "de"
    await expect(ada.locator("#people-title")).to_have_text("Wer hier ist")
    await expect(ada.locator("#text")).to_have_attribute("placeholder", "Nachricht an #two")
    await expect(ada.locator("#state-text")).to_have_text("Verbunden")
    await expect(ada.locator("#log .day")).to_have_text("Heute")
    await expect(bob.locator("#log .day")).to_have_text("Today")


async def test_what_the_server_refuses_is_said_in_the_language_of_the_page(
    browser: Browser, german: servers.Site
) -> None:
    ada, bob = await enter(browser, german, "no", **GERMAN), await enter(browser, german, "no")
    for page in (ada, bob):
        await page.click("#me")
        await page.fill("#naming-name", "System")
        await page.press("#naming-name", "Enter")

    await expect(ada.locator("#naming-error")).to_have_text("Diesen Namen gibt es schon.")
    await expect(bob.locator("#naming-error")).to_contain_text("This name is reserved")


async def test_a_person_is_told_in_their_language_what_staff_did(
    browser: Browser, german: servers.Site
) -> None:
    ada, bob = await enter(browser, german, "mute", **GERMAN), await enter(browser, german, "mute")
    for page in (ada, bob):
        await say(page, "something rude")
        await expect(page.locator("#log .own .bubble")).to_have_count(1)
    german.manage("shell", "--no-imports", "-v0", "-c", MUTE_ALL)

    await expect(ada.locator("#silenced")).to_have_text("Du darfst hier nichts sagen.")
    await expect(bob.locator("#silenced")).to_have_text("You are muted in this room.")


MUTE_ALL = """
from django.contrib.auth.models import User
from chat.records import moderation
from chat.models import Act
by = User.objects.create_superuser("warden")
for number in (1, 2):
    moderation.act(by, moderation.Order(kind=Act.Kind.MUTE, room="mute", number=number))
"""
