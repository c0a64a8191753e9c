"""Be in groups of a core layer for a lease: who is killed falls out by itself."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from redis.exceptions import RedisError

from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import TAP, group_key

LEASE = 30
"""Seconds that a tap stays in the group after its owner was killed, at the most."""

_BULK = 100
"""Groups that one call enters: the server does nothing else meanwhile."""

# A tap's score is so old that the member expires when the lease ends. A group that has nobody
# else must not outlive the lease either; one that has others keeps its own time, or none. Where
# the newest members are taps down to those that have expired, nobody else is there, and we go.
_ENTER = """
local now, expiry, lease = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local how, tap = ARGV[4], ARGV[5]
local added, gone, left = {}, {}, {}
local function alone(key)
    local rank = 0
    while true do
        local found = redis.call(
            'ZREVRANGEBYSCORE', key, '+inf', now - expiry, 'LIMIT', rank, 1)[1]
        if not found then return true end
        if string.sub(found, 1, #tap) ~= tap then return false end
        rank = rank + 1
    end
end
for i, key in ipairs(KEYS) do
    local channel = ARGV[i + 5]
    if how ~= 'stay' and alone(key) then
        redis.call('ZREM', key, channel)
        left[#left + 1] = i
    else
        local was = redis.call('ZCARD', key)
        if redis.call('ZADD', key, now - expiry + lease, channel) == 1 then
            local where = was > 0 and added or gone
            where[#where + 1] = i
        end
        local ttl = redis.call('TTL', key)
        if (ttl >= 0 and ttl < lease) or redis.call('ZCARD', key) == 1 then
            redis.call('EXPIRE', key, lease)
        end
    end
end
return {added, gone, left}
"""


@dataclass(slots=True)
class Entered:
    """Which groups we were not in before, which were not there at all, and which we are not in.

    We are in none where nobody else is.
    """

    added: list[str]
    gone: list[str]
    left: list[str]


def lease(layer: Any) -> int:  # noqa: ANN401 - channels_redis has no types
    """Return the seconds of a lease: a member of this layer may expire sooner than ours would."""
    return max(1, min(LEASE, int(layer.group_expiry) // 2))


async def enter(
    adapter: RedisAdapter, index: int, members: dict[str, str], *, found: bool
) -> Entered:
    """Enter groups of one host, or stay in them, for one more lease.

    `members` is the channel for each. A group that was `found` is left where nobody else is in it.
    """
    entered = Entered([], [], [])
    names = iter(members)
    while groups := list(islice(names, _BULK)):
        async with adapter.answering():
            answer = await _entered(adapter, index, groups, members, found=found)
        for total, part in zip((entered.added, entered.gone, entered.left), answer, strict=True):
            total += [groups[each - 1] for each in part]
    return entered


async def _entered(
    adapter: RedisAdapter,
    index: int,
    groups: Sequence[str],
    members: dict[str, str],
    *,
    found: bool,
) -> Sequence[Sequence[int]]:
    layer = adapter.layer
    keys = [group_key(layer, each) for each in groups]
    channels = [members[each] for each in groups]
    numbers = time.time(), layer.group_expiry, lease(layer)
    arguments = [*map(str, numbers), "found" if found else "stay", TAP, *channels]
    pipe = adapter.client(index).pipeline(transaction=False)
    pipe.eval(_ENTER, len(keys), *keys, *arguments)
    pipe.ping()  # what a connection has done last tells a layer's from ours
    answer: Any = (await pipe.execute(raise_on_error=False))[0]
    if isinstance(answer, RedisError):
        raise answer
    entered: Sequence[Sequence[int]] = answer
    return entered


async def leave(adapter: RedisAdapter, index: int, members: dict[str, str]) -> None:
    """Leave groups of one host, all together, so that nobody sends in between."""
    async with adapter.answering():
        pipe = adapter.client(index).pipeline(transaction=True)
        for group, channel in members.items():
            pipe.zrem(group_key(adapter.layer, group), channel)
        await pipe.execute()


async def drop(adapter: RedisAdapter, queue: str, home: int) -> None:
    """Drop what is still queued."""
    async with adapter.answering():
        await adapter.client(home).delete(queue)
