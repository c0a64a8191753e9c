"""Traces of channel layers on a server, whoever uses them."""

import time
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError

from chatops.layers.broker.survey import is_member
from chatops.layers.census import text
from chatops.layers.denied import Denied
from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import PROBE

CORE, PUBSUB = ":group:", "__group__"
"""What stands between prefix and group, on either layer."""

SCANS = 20
"""Rounds of SCAN for what is not our own."""

_LOOKED_AT = 200


async def core_groups(
    adapter: RedisAdapter, client: Redis, names: Sequence[str]
) -> Sequence[tuple[str, str]]:
    """Return prefix and name of what is a group indeed: its members are consumers' channels."""
    split = [(start, name) for start, mark, name in (n.partition(CORE) for n in names) if mark]
    split = [each for each in split if not each[1].startswith(PROBE)][:_LOOKED_AT]
    pipe = client.pipeline(transaction=False)
    for start, name in split:
        pipe.zrevrangebyscore(f"{start}{CORE}{name}", "+inf", _since(adapter), start=0, num=1)
    async with adapter.answering():
        answers: list[Any] = await pipe.execute(raise_on_error=False)
    if any(isinstance(each, NoPermissionError) for each in answers):
        raise Denied(
            "this user may not look at the groups under every prefix",
            f"ACL SETUSER <user> ~*{CORE}*",
        )
    return [
        each
        for each, members in zip(split, answers, strict=True)
        if isinstance(members, list) and any(is_member(text(member)) for member in members)
    ]


def _since(adapter: RedisAdapter) -> float:
    """Return when a member must have joined not to have expired, by our settings or the usual."""
    return time.time() - float(getattr(adapter.layer, "group_expiry", 86400))


async def subscribed(adapter: RedisAdapter, pattern: str) -> Sequence[str]:
    """Name the channels that someone subscribes to, on any host; those of checks are left out."""
    names: list[str] = []
    for index in range(len(adapter.hosts)):
        async with adapter.answering():
            found: Any = await adapter.client(index).pubsub_channels(pattern)
        names += map(text, found)
    return [name for name in names if not name.partition(PUBSUB)[2].startswith(PROBE)]
