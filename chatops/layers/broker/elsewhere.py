"""Whether only others use the server: under another prefix, or in another database."""

import re
from collections import Counter
from collections.abc import Sequence

from redis.asyncio import Redis

from chatops.checks.hosts import SHARED
from chatops.layers.borrowed import borrowed
from chatops.layers.broker.scan import keys
from chatops.layers.broker.server import Server
from chatops.layers.broker.survey import Survey
from chatops.layers.broker.traces import CORE, PUBSUB, SCANS, core_groups, subscribed
from chatops.layers.broker.words import counted
from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import group_channel
from chatops.model.finding import Finding
from chatops.model.rules.broker import ELSEWHERE


async def elsewhere_on_pubsub(adapter: RedisAdapter) -> Finding:
    """Where nobody is in a group under our prefix, look for groups under others."""
    prefix = str(adapter.layer.prefix)
    names = await subscribed(adapter, group_channel("*", "*"))
    others = Counter(f"prefix {name.partition(PUBSUB)[0]!r}" for name in names)
    mine = others.pop(f"prefix {prefix!r}", 0)
    return _compared(f"prefix {prefix!r}", mine, others, is_odd=prefix == SHARED)


async def elsewhere_on_core(
    adapter: RedisAdapter, seen: Survey, found_on: Sequence[Server]
) -> Finding:
    """Where nobody is in a group of ours, look under other prefixes and in other databases."""
    prefix = str(adapter.layer.prefix)
    mine = sum(1 for members in seen.members.values() if members)
    others: Counter[str] = Counter()
    number = 0
    if not mine:
        for index, server in enumerate(found_on):
            number = int(adapter.client(index).connection_pool.connection_kwargs.get("db") or 0)
            others += await _other_prefixes(adapter, adapter.client(index), number, {prefix})
            others += await _other_databases(adapter, index, server, number)
    is_odd = prefix == SHARED or any(place.startswith(f"prefix {prefix!r} ") for place in others)
    return _compared(f"prefix {prefix!r} in database {number}", mine, others, is_odd=is_odd)


def _compared(here: str, mine: int, others: Counter[str], *, is_odd: bool) -> Finding:
    """Say who is where; a prefix that someone has chosen stands apart from others' on purpose."""
    if mine:
        return ELSEWHERE.ok(
            f"{counted(mine, 'group has', 'groups have')} a member under the {here}"
        )
    if not others:
        return ELSEWHERE.ok("nobody is in a group, under this prefix or another")
    places = "; ".join(
        f"{counted(count, 'has', 'have')} one under {place}"
        for place, count in others.most_common(3)
    )
    told = f"no group has a member under the {here}, but {places}"
    return ELSEWHERE.warn(told) if is_odd else ELSEWHERE.ok(f"{told}: other projects, it seems")


async def _other_databases(
    adapter: RedisAdapter, index: int, server: Server, own: int
) -> Counter[str]:
    """Look into each other database that has keys, on a connection of our own."""
    found: Counter[str] = Counter()
    numbers = [int(name[2:]) for name in server.fields if re.fullmatch(r"db\d+", name)]
    for number in numbers:
        if number == own:
            continue
        async with borrowed(adapter, index, db=number) as client:
            found += await _other_prefixes(adapter, client, number, set())
    return found


async def _other_prefixes(
    adapter: RedisAdapter, client: Redis, number: int, own: set[str]
) -> Counter[str]:
    names, _ = await keys(adapter, client, f"*{CORE}*", SCANS)
    found = await core_groups(adapter, client, names)
    return Counter(
        f"prefix {prefix!r} in database {number}" for prefix, _ in found if prefix not in own
    )
