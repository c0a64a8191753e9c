"""What waits in the queues of a core layer's groups: a few of the newest, left where they are."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chatops.layers.census import oldest, text
from chatops.layers.spelling import PROBE, TAP, group_key, queue_key

if TYPE_CHECKING:
    from chatops.layers.core import CoreAdapter
    from chatops.model.message import Arrival

_MEMBERS, _QUEUES, _PEEK = 20, 50, 2


async def waiting(adapter: "CoreAdapter", groups: Sequence[str]) -> Sequence[tuple[str, "Arrival"]]:
    """Return what was sent last to some processes in these groups, with the name of its queue."""
    layer = adapter.layer
    sets = {each: group_key(layer, each) for each in groups}
    members = await _newest(adapter, sets, oldest(layer), _MEMBERS)
    queues = {layer.non_local_name(text(name)) for _, found in members for name in found}
    names = sorted(each for each in queues if not each.startswith(TAP))[:_QUEUES]
    keys = {each: queue_key(layer, each) for each in names}
    found = await _newest(adapter, keys, time.time() - layer.expiry, _PEEK)
    arrivals = [(name, adapter.arrival(each)) for name, payloads in found for each in payloads]
    return [each for each in arrivals if each[1].type != PROBE]


async def _newest(
    adapter: "CoreAdapter", keys: dict[str, str], since: float, count: int
) -> Sequence[tuple[str, Sequence[bytes]]]:
    """Return the newest of each sorted set, each asked for where its name belongs."""
    found: list[tuple[str, Any]] = []
    for index in range(len(adapter.hosts)):
        here = [each for each in keys if adapter.layer.consistent_hash(each) == index]
        if not here:
            continue
        pipe = adapter.client(index).pipeline(transaction=False)
        for name in here:
            pipe.zrevrangebyscore(keys[name], "+inf", since, start=0, num=count)
        async with adapter.answering():
            found += zip(here, await pipe.execute(), strict=True)
    return found
