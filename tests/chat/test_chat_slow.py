"""A reader that cannot keep up, and everybody else."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import servers
from conftest import PRODUCTION
from talking import join
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from websockets.asyncio.client import ClientConnection

MESSAGES = 300
TEXT = "\U0001f600" * 3_990  # in JSON 48 kB: more than all buffers of the machine, in the end


@pytest.fixture
def generous(broker: servers.Valkey) -> Iterator[servers.Site]:
    """A site where one person may say a lot."""
    env = {**PRODUCTION, "CHAT_BURST": "1000"}
    with servers.site(broker.url, server="uvicorn", env=env) as running:
        yield running


async def test_who_does_not_read_is_closed_and_comes_back_while_nobody_else_waits(
    generous: servers.Site,
) -> None:
    plug = socket.socket()
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plug.connect(("127.0.0.1", generous.port))
    plug.setblocking(False)
    async with (
        connect(
            f"{generous.ws_url}/ws/chat/slow/",
            sock=plug,
            max_queue=1,
            compression=None,
            origin=generous.url,
            proxy=None,
            ping_interval=None,
        ) as stalled,
        join(generous, "slow") as talk,
    ):
        for number in range(MESSAGES):
            heard = await talk.ask({"message": f"{number} {TEXT}"})
            assert heard["number"] == number + 1
        numbers = await all_that_comes(stalled)
        async with join(generous, "slow", after=numbers[-1]) as back:
            again = await back.ask({"ping": True})

    assert stalled.close_code == 4013
    assert numbers == [*range(1, len(numbers) + 1)]
    assert len(numbers) < MESSAGES
    assert back.welcome["last"] == MESSAGES
    assert again["type"] == "pong"  # what it was given at once was not too much for it


async def all_that_comes(client: ClientConnection) -> list[int]:
    numbers: list[int] = []
    with suppress(ConnectionClosed):
        async with asyncio.timeout(60):
            while True:
                numbers.append(json.loads(await client.recv())["number"])
    return numbers
