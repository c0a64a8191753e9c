"""Real servers and a real browser for the tests of the chat."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import servers
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser

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


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        missing = "no Chromium on PATH and none in CHROMIUM: the browser tests do not run"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=found, args=CHROMIUM_ARGUMENTS, headless=True
        )
        yield running
        await running.close()
