"""What chatops does where a server is older than what it asks for."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import brokers
import pytest
import redis
from application import configure, opened
from brokers import rewritten
from findings import found
from workers import workers

from chatops.conf import Conf
from chatops.errors import Unsupported
from chatops.model.listing import Listing
from chatops.model.watched import Watched
from chatops.operations.rooms import list_rooms
from chatops.project.rooms import room_names

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = room_names(Conf())
SCANNED = b"*2\r\n$1\r\n0\r\n*"


def without_types() -> Callable[[bytes], bytes]:
    """Answer the first of two SCANs as Redis 5 answers its TYPE."""
    asked: list[bytes] = []

    def change(data: bytes) -> bytes:
        if not data.startswith(SCANNED):
            return data
        asked.append(data)
        return b"-ERR syntax error\r\n" if len(asked) % 2 else data

    return change


async def test_rooms_are_listed_where_scan_knows_no_type(settings: Any) -> None:
    async with AsyncExitStack() as stack:
        server = stack.enter_context(brokers.broker())
        stack.enter_context(workers(1, server.url, "chat_a", "chat_b"))
        url = await stack.enter_async_context(rewritten(server, without_types()))
        layer = await stack.enter_async_context(opened(configure(settings, "core", url)))
        layer.vouched = True
        rooms = [each async for each in list_rooms(layer, NAMES, "*", Listing())]

    assert sorted(each.group for each in rooms) == ["chat_a", "chat_b"]


async def test_what_a_script_may_not_do_is_denied_though_nobody_says_what(settings: Any) -> None:
    def unnamed(data: bytes) -> bytes:
        said = b"-ERR The user executing the script can't run this command or subcommand"
        return re.sub(rb"-ERR ACL failure[^\r]*", said, data)

    async with AsyncExitStack() as stack:
        server = stack.enter_context(brokers.broker())
        server.ask("ACL", "SETUSER", "default", "-zadd")
        url = await stack.enter_async_context(rewritten(server, unnamed))
        layer = await stack.enter_async_context(opened(configure(settings, "core", url)))
        with pytest.raises(Unsupported, match="may not run all commands of our script") as caught:
            await stack.enter_async_context(layer.listen(Watched(groups=("chat_a",))))

    assert "+@sortedset" in str(caught.value.fix)


@pytest.mark.skipif(redis.VERSION < (8,), reason="before 8, redis-py does not ask for RESP3")
async def test_a_server_that_knows_no_hello_says_how_to_do_without(settings: Any) -> None:
    def refusing(data: bytes) -> bytes:
        return (
            b"-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n"
            if data.startswith(b"%")
            else data
        )

    async with AsyncExitStack() as stack:
        server = stack.enter_context(brokers.broker())
        configure(settings, "core", await stack.enter_async_context(rewritten(server, refusing)))
        settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0].pop("protocol")
        layer = await stack.enter_async_context(opened("default"))
        finding = (await found(layer))["CHO201"]

    assert "no HELLO, as before Redis 6" in finding.detail
    assert '"protocol": 2' in str(finding.fix)


async def test_how_many_may_connect_is_asked_where_info_does_not_tell(settings: Any) -> None:
    async with AsyncExitStack() as stack:
        server = stack.enter_context(brokers.broker("--maxclients", "50"))
        url = await stack.enter_async_context(
            rewritten(server, lambda data: data.replace(b"\r\nmaxclients:", b"\r\nxxxclients:"))
        )
        layer = await stack.enter_async_context(opened(configure(settings, "core", url)))
        finding = (await found(layer))["CHO207"]

    assert finding.detail.endswith(" of 50")
