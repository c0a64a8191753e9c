"""Be in groups of a core layer for a lease: who is killed falls out by itself."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import TAP, group_key

LEASE = 30
"""Seconds that a tap stays in the group after its owner was killed."""

_BULK = 100
"""Groups that one call enters: the server does nothing else meanwhile."""

# A tap's score is so old that the member expires when the lease ends. A group that has nobody
# else must not outlive the lease either; one that has others keeps its own time, or none. Taps
# have the lowest scores: where the highest is a tap's, nobody else is there, and we go.
_ENTER = """
local score, lease, how, tap = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local added, left = {}, {}
for i, key in ipairs(KEYS) do
    local channel = ARGV[i + 4]
    local newest = redis.call('ZREVRANGE', key, 0, 0)[1]
    if how ~= 'stay' and (not newest or string.sub(newest, 1, #tap) == tap) then
        redis.call('ZREM', key, channel)
        left[#left + 1] = i
    else
        if redis.call('ZADD', key, score, channel) == 1 then added[#added + 1] = i end
        local ttl = redis.call('TTL', key)
        if (ttl >= 0 and ttl < lease) or redis.call('ZCARD', key) == 1 then
            redis.call('EXPIRE', key, lease)
        end
    end
end
return {added, left}
"""


@dataclass(slots=True)
class Entered:
    """Which groups we were not in before, and which we are not in because nobody else is."""

    added: list[str]
    left: list[str]


async def enter(adapter: RedisAdapter, members: dict[str, str], *, found: bool) -> Entered:
    """Enter groups, or stay in them, for one more lease; `members` is the channel for each.

    A group that was `found` is left where nobody else is in it.
    """
    entered = Entered([], [])
    for index in range(len(adapter.hosts)):
        here = iter([each for each in members if adapter.layer.consistent_hash(each) == index])
        while groups := list(islice(here, _BULK)):
            async with adapter.answering():
                added, left = await _entered(adapter, index, groups, members, found=found)
            entered.added += [groups[each - 1] for each in added]
            entered.left += [groups[each - 1] for each in left]
    return entered


async def _entered(
    adapter: RedisAdapter,
    index: int,
    groups: Sequence[str],
    members: dict[str, str],
    *,
    found: bool,
) -> Sequence[Sequence[int]]:
    keys = [group_key(adapter.layer, each) for each in groups]
    channels = [members[each] for each in groups]
    score = time.time() - adapter.layer.group_expiry + LEASE
    arguments = [str(score), str(LEASE), "found" if found else "stay", TAP, *channels]
    script: Any = adapter.client(index).eval(_ENTER, len(keys), *keys, *arguments)
    answer: Sequence[Sequence[int]] = await script
    return answer


async def leave(adapter: RedisAdapter, members: dict[str, str], queue: str, home: int) -> None:
    """Leave the groups, and drop what is still queued."""
    for index in range(len(adapter.hosts)):
        async with adapter.answering():
            # Together, so that nobody sends in between.
            pipe = adapter.client(index).pipeline(transaction=True)
            for group, channel in members.items():
                if adapter.layer.consistent_hash(group) == index:
                    pipe.zrem(group_key(adapter.layer, group), channel)
            if index == home:
                pipe.delete(queue)
            await pipe.execute()
    async with adapter.answering():
        await adapter.client(home).delete(queue)
