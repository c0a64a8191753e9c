"""Let a whole plan pass the guard, or refuse it before anything is sent."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from chatops.layers.base import LayerAdapter
from chatops.model.broadcast import Broadcast, Sent
from chatops.model.order import Guarded, Order
from chatops.operations.guard import fits, handled, intact, plain, proved, readable
from chatops.operations.plan import Plan, Planned
from chatops.project.event import Wording
from chatops.project.handlers import Consumer

_BATCH = 1000


class Admission:
    """The guard of one broadcast; what the order skips is not made sure of.

    `unknown` is what could not be: nobody knows.
    """

    def __init__(self, layer: LayerAdapter, consumers: Sequence[Consumer], order: Order) -> None:
        self._layer = layer
        self._consumers = [] if Guarded.HANDLERS in order.skip else consumers
        self._skip = order.skip
        self._must_prove = order.must_prove
        self.unknown: set[Guarded] = set()
        if not consumers and Guarded.HANDLERS not in order.skip:
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
        if Guarded.CONTROL not in self._skip:
            plain(event)
        await intact(self._layer, event)
        if Guarded.SIZE not in self._skip and not await fits(self._layer, event):
            self.unknown.add(Guarded.SIZE)

    async def _readable(self, batch: Sequence[Planned]) -> None:
        groups = [each.target.group for each in batch]
        if Guarded.CODEC in self._skip:
            return
        if await readable(self._layer, groups, longer=self._must_prove):
            self._must_prove = False
        elif self._must_prove:
            raise proved()
        else:
            self.unknown.add(Guarded.CODEC)

    def _handled(self, event: dict[str, Any], batch: Sequence[Planned]) -> None:
        if self._consumers:
            handled(event, self._consumers, *[each.target.group for each in batch])


async def foreseen(
    layer: LayerAdapter, plan: Plan, one: dict[str, Any] | None
) -> AsyncIterator[Broadcast]:
    """Yield what would be sent to whom."""
    size = None if one is None else layer.size(one)
    for batch in plan.batches(_BATCH):
        reaches = await layer.reaches([each.target.group for each in batch])
        for planned, reach in zip(batch, reaches, strict=True):
            yield Broadcast(
                room=planned.target.room,
                group=planned.target.group,
                status=Sent.PLANNED,
                reach=reach,
                bytes=layer.size(planned.event or {}) if one is None else size,
                event=planned.event if one is None else one,
            )
