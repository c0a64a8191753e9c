"""Real servers and a real browser for the tests of the chat."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
import servers
from playwright.async_api import async_playwright, expect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser

expect.set_options(timeout=30_000)  # of a page that shares two cores with all other tests

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PRODUCTION = {
    "SECRET_KEY": "k" * 60 + "0123456789abcdef",
    "ALLOWED_HOSTS": "127.0.0.1,chat.example",
    "HTTPS": "0",  # no TLS between the tests and the server
}


@pytest.fixture(scope="session")
def broker() -> Iterator[servers.Valkey]:
    with servers.valkey() as running:
        yield running


@pytest.fixture(scope="session")
def pubsub_chat(broker: servers.Valkey) -> Iterator[servers.Site]:
    with servers.site(broker.url) as running:
        yield running


@pytest.fixture(scope="session")
def core_chat() -> Iterator[servers.Site]:
    with ExitStack() as stack:
        broker = stack.enter_context(servers.valkey())
        yield stack.enter_context(servers.site(broker.url, layer="core"))


@pytest.fixture
def chat(pubsub_chat: servers.Site) -> Iterator[servers.Site]:
    """A shared site whose log must not gain a traceback while a test runs."""
    before = len(pubsub_chat.log)
    yield pubsub_chat

    assert "Traceback" not in pubsub_chat.log[before:]


@pytest.fixture(scope="session")
def production(broker: servers.Valkey) -> Iterator[servers.Site]:
    with servers.site(broker.url, server="uvicorn", env=PRODUCTION) as running:
        yield running

        # While its folder, and with it the log, is still there.
        assert "Traceback" not in running.log
        assert "Warning" not in running.log


@pytest.fixture(params=["pubsub", "core"])
def either_chat(request: pytest.FixtureRequest) -> servers.Site:
    site: servers.Site = request.getfixturevalue(f"{request.param}_chat")
    return site


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the system's Chromium is."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        missing = "no Chromium on PATH and none in CHROMIUM: the browser tests do not run"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def started_browser(chromium: str) -> AsyncIterator[Browser]:
    """A browser for all tests, as it takes longer to start than most of them do."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=chromium, args=CHROMIUM_ARGUMENTS, headless=True
        )
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(started_browser: Browser) -> AsyncIterator[Browser]:
    """The browser without a window; those that a test opens, with their cookies, go with it."""
    yield started_browser
    for context in started_browser.contexts:
        await context.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all that drives the browser in the loop in which it was started."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
