"""What lies in queues or passes by: how much of it, and whether it can be read."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from redis.asyncio.client import PubSub

from chatops.layers.borrowed import borrowed
from chatops.layers.broker.survey import Survey
from chatops.layers.broker.words import counted
from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import PROBE, escaped, group_channel
from chatops.model.finding import Finding
from chatops.model.message import Arrival
from chatops.model.rules.broker import BACKLOG, CODEC

_HALF, _FULL = 50.0, 100.0
_LISTEN = 0.2
_ENOUGH = 20


def backlog(adapter: RedisAdapter, seen: Survey, alive: Mapping[str, bool]) -> Finding:
    """Hold the fullest queue against its capacity; nobody misses what a dead process does not."""
    shares = {
        name: 100 * count / adapter.layer.get_capacity(name) for name, count in seen.queued.items()
    }
    if not shares:
        return BACKLOG.ok(seen.note("nothing is queued"))
    name = max(shares, key=lambda each: (alive.get(each) is not False, shares[each]))
    told = f"{seen.queued[name]} of {adapter.layer.get_capacity(name)} messages in {name}"
    more: dict[str, Any] = {"value": seen.queued[name], "unit": "messages"}
    silent = alive.get(name) is False
    if silent:
        told += ", whose process does not answer"
    if shares[name] >= _FULL and not silent:
        return BACKLOG.fail(seen.note(f"{told}: what comes more is dropped"), **more)
    if shares[name] >= _HALF:
        return BACKLOG.warn(seen.note(told), **more)
    return BACKLOG.ok(seen.note(f"{told} at the most"), **more)


def codec(found: Sequence[tuple[str, Arrival]], where: str) -> Finding:
    """See that what others sent can be read with our key and serializer."""
    if not found:
        return CODEC.none(f"nothing to look at: no messages {where}")
    broken = [(name, arrival.problem) for name, arrival in found if arrival.problem]
    if not broken:
        return CODEC.ok(f"{counted(len(found), 'message', 'messages')} that {where} could be read")
    name, problem = broken[0]
    return CODEC.fail(
        f"{len(broken)} of {counted(len(found), 'message', 'messages')} that {where}: {problem}; "
        f"the first in {name}"
    )


def queued_messages(seen: Survey) -> Sequence[tuple[str, Arrival]]:
    """Return what was peeked at, with the name of its queue."""
    return [(name, arrival) for name, found in seen.peeked.items() for arrival in found]


async def passing_messages(adapter: RedisAdapter) -> Sequence[tuple[str, Arrival]]:
    """Listen to all of the prefix for a moment, without being counted anywhere."""
    found: list[tuple[str, Arrival]] = []
    hosts = range(len(adapter.hosts))
    await asyncio.gather(*(_listen(adapter, index, found) for index in hosts))
    return found


async def _listen(adapter: RedisAdapter, index: int, found: list[tuple[str, Arrival]]) -> None:
    prefix = str(adapter.layer.prefix)
    starts = group_channel(prefix, ""), f"{prefix}specific."
    loop = asyncio.get_running_loop()
    async with _subscribed(adapter, index, f"{escaped(prefix)}*") as subscription:
        end = loop.time() + _LISTEN
        while len(found) < _ENOUGH and (left := end - loop.time()) > 0:
            async with adapter.answering():
                message = await subscription.get_message(
                    ignore_subscribe_messages=True, timeout=left
                )
            if message is None:
                continue
            name = message["channel"].decode(errors="backslashreplace")
            arrival = adapter.arrival(message["data"])
            if name.startswith(starts) and arrival.body.get("type") != PROBE:
                found.append((name, arrival))


@contextlib.asynccontextmanager
async def _subscribed(
    adapter: RedisAdapter, index: int, pattern: str
) -> AsyncGenerator[PubSub, None]:
    async with borrowed(adapter, index) as client:
        subscription = client.pubsub()
        async with adapter.answering():
            await subscription.psubscribe(pattern)
            while not await subscription.get_message(timeout=None):
                continue
        yield subscription
