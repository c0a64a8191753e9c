"""Stay in the groups of a core layer, and meet new ones, on each host by itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from chatops.errors import LayerAway, LayerRaised
from chatops.layers.clock import elapsed
from chatops.layers.listening.membership import Membership
from chatops.layers.redis import AWAY, RedisAdapter, address, until_answered

_RENEW = 5.0
_LOOK, _PAUSE = 1.0, 0.01
"""Seconds that one look at all groups takes at least, and between two questions of it."""


def keeping(adapter: RedisAdapter, members: Membership) -> Sequence["asyncio.Future[None]"]:
    """Begin to renew the leases, and to look for new groups, for ever.

    A host that is away is a hole; who drains the queue tells of the one where that is.
    """
    works = []
    for index in members.hosts:
        away = None if index == members.home else address(adapter.hosts[index])
        works.append(_keep(members, index, away))
        if members.is_wide:
            works.append(_look_again(members, index))
    return list(map(asyncio.ensure_future, works))


async def _keep(members: Membership, index: int, name: str | None) -> None:
    while True:
        await asyncio.sleep(min(_RENEW, members.lease / 3))
        try:
            await members.renew(index)
        except LayerRaised:
            raise
        except LayerAway:
            if name is not None:
                await _back(members, index, name)


async def _back(members: Membership, index: int, name: str) -> None:
    """Wait for a host, and tell how long it was away."""
    since = members.renewed[index]
    members.holes.append(replace(AWAY, lasts=False, reason=f"{name} does not answer"))
    _, hole = await until_answered(lambda: members.rejoin(index), since)
    members.holes.append(replace(hole, reason=f"{name} did not answer"))


async def _look_again(members: Membership, index: int) -> None:
    """Join groups that appear; what was sent there first is a hole."""
    before = elapsed()
    while True:
        since = elapsed()
        try:
            async for _ in members.look(index, before):
                await asyncio.sleep(_PAUSE)
            before = since
        except LayerRaised:
            raise
        except LayerAway:
            pass
        await asyncio.sleep(max(_PAUSE, since + _LOOK - elapsed()))
