"""Let a whole plan pass the guard, or refuse it before anything is sent."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from chatops.errors import Unsupported
from chatops.layers.base import LayerAdapter
from chatops.model.broadcast import Broadcast, Sent
from chatops.model.order import Guarded
from chatops.model.room import Reach
from chatops.operations.guard import fits, handled, intact, readable
from chatops.operations.plan import Plan, Planned
from chatops.project.event import Wording
from chatops.project.handlers import Consumer

_BATCH = 1000
_AT_ONCE = 50


class Admission:
    """The guard of one broadcast; what is in `skip` is not made sure of.

    `unknown` is what could not be: nobody knows.
    """

    def __init__(
        self, layer: LayerAdapter, consumers: Sequence[Consumer], skip: frozenset[Guarded]
    ) -> None:
        self._layer = layer
        self._consumers = [] if Guarded.HANDLERS in skip else consumers
        self._skip = skip
        self.unknown: set[Guarded] = set()
        if not consumers and Guarded.HANDLERS not in skip:
            self.unknown.add(Guarded.HANDLERS)

    async def admit(self, plan: Plan, wording: Wording) -> dict[str, Any] | None:
        """Return the event that is the same for all; `None` where the plan now has them.

        Raises `Refused`.
        """
        one: dict[str, Any] | None = None
        for number, batch in enumerate(plan.batches(_BATCH)):
            if number == 0:
                await self._readable(batch)
            if not wording.same:
                plan.keep([await self._own(each, wording) for each in batch])
                continue
            if one is None:
                one = wording(batch[0].target)
                await self._sound(one)
            self._handled(one, batch)
        return one

    async def _own(self, planned: Planned, wording: Wording) -> Planned:
        event = wording(planned.target)
        await self._sound(event)
        self._handled(event, [planned])
        return planned._replace(event=event)

    async def _sound(self, event: dict[str, Any]) -> None:
        await intact(self._layer, event)
        if Guarded.SIZE not in self._skip and not await fits(self._layer, event):
            self.unknown.add(Guarded.SIZE)

    async def _readable(self, batch: Sequence[Planned]) -> None:
        groups = [each.target.group for each in batch]
        if Guarded.CODEC not in self._skip and not await readable(self._layer, groups):
            self.unknown.add(Guarded.CODEC)

    def _handled(self, event: dict[str, Any], batch: Sequence[Planned]) -> None:
        if self._consumers:
            handled(event, self._consumers, *[each.target.group for each in batch])


async def foreseen(
    layer: LayerAdapter, plan: Plan, one: dict[str, Any] | None
) -> AsyncIterator[Broadcast]:
    """Yield what would be sent to whom."""

    async def row(planned: Planned) -> Broadcast:
        event = planned.event if one is None else one
        return Broadcast(
            room=planned.target.room,
            group=planned.target.group,
            status=Sent.PLANNED,
            reach=await _reach(layer, planned.target.group),
            bytes=layer.size(event or {}),
            event=event,
        )

    for batch in plan.batches(_AT_ONCE):
        for each in await asyncio.gather(*map(row, batch)):
            yield each


async def _reach(layer: LayerAdapter, group: str) -> Reach | None:
    try:
        return await layer.reach(group)
    except Unsupported:
        return None
