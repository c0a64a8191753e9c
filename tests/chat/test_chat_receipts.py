"""The hook that says how many sockets a broadcast was written to."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import servers
from talking import group_send, join, still_talks, until

from chat.live import receipts
from chat.live.audience import Member
from chat.live.outgoing import Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOOK = """
from chatsite.settings import *
CHAT_RECEIPT = "receipt_hook.receipt"
"""
RECEIPT = """
import json, os

async def receipt(event, sockets, of):
    if event["receipt"].get("fail"):
        raise ValueError("a hook that fails")
    with open(os.environ["RECEIPTS"], "a") as file:
        file.write(json.dumps([event, sockets, of]) + "\\n")
"""


@pytest.fixture
def hooked(broker: servers.Valkey, tmp_path: Path) -> Iterator[tuple[servers.Site, Path]]:
    """A site with a hook, and the file where that writes."""
    (tmp_path / "hooked_settings.py").write_text(HOOK)
    (tmp_path / "receipt_hook.py").write_text(RECEIPT)
    env = {
        "PYTHONPATH": f"{tmp_path}:{servers.ROOT}",
        "DJANGO_SETTINGS_MODULE": "hooked_settings",
        "RECEIPTS": str(tmp_path / "receipts"),
    }
    with servers.site(broker.url, server="daphne", env=env) as site:
        yield site, tmp_path / "receipts"


TOLD: list[tuple[int, int]] = []


async def tell(event: object, sockets: int, of: int) -> None:
    del event
    TOLD.append((sockets, of))


async def test_a_socket_that_waits_is_one_of_those_that_should_have_it(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHAT_RECEIPT = f"{__name__}.tell"
    monkeypatch.setattr(receipts, "PATIENCE", 0.1)
    stalled = asyncio.Event()

    async def stall(_: Any) -> None:
        await stalled.wait()

    async def send(_: Any) -> None:
        pass

    outgoings = [Outgoing(how, paged=True) for how in (send, stall)]
    for each in outgoings:
        each.start()
        each.put("{}")
    members = [Member(each, "ann", ruled=print, called=print) for each in outgoings]
    receipts.report({"receipt": {}}, "chat_lobby", members)

    async def told() -> bool:
        return bool(TOLD)

    await until(told)
    stalled.set()
    assert TOLD == [(1, 2)]


async def test_a_broadcast_that_asks_is_answered_with_the_number_of_sockets(
    hooked: tuple[servers.Site, Path],
) -> None:
    site, written = hooked
    event = {"type": "chat.system", "text": "Back in 5", "receipt": {"to": "x"}}
    async with join(site, "asked") as one, join(site, "asked", page=False), join(site, "other"):
        await asyncio.to_thread(group_send, site, "chat_asked", event)
        await asyncio.to_thread(group_send, site, "chat_asked", {**event, "receipt": "odd"})
        await asyncio.to_thread(
            group_send, site, "chat_asked", {**event, "receipt": {"fail": True}}
        )

        async def failed() -> bool:
            return "a hook that fails" in site.log

        await until(failed)
        await still_talks(one, "fine")

    (row,) = written.read_text().splitlines()
    assert json.loads(row) == [{**event, "receipt": {"to": "x", "group": "chat_asked"}}, 2, 2]
