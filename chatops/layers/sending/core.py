"""Send to many groups of a core layer: one message a process, for all of its members."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from chatops.layers.opened import UNSERIALIZABLE
from chatops.layers.sending.audience import Audience, audience
from chatops.layers.sending.each import Each, Event, Sending
from chatops.layers.sending.lane import Lane
from chatops.layers.sending.parcel import Fate, Parcel, Parcels
from chatops.layers.sending.wire import Wire
from chatops.layers.spelling import TAP
from chatops.model.deliveries import Deliveries
from chatops.model.room import Unit

if TYPE_CHECKING:
    from chatops.layers.core import CoreAdapter


@asynccontextmanager
async def queueing(adapter: "CoreAdapter", told: Callable[[str], None]) -> AsyncIterator[Sending]:
    """Hold a connection to each server, opened when it is needed, for as long as the block runs."""
    async with AsyncExitStack() as stack:
        wires = [Wire(adapter, index) for index in range(len(adapter.hosts))]
        for wire in wires:
            stack.push_async_callback(wire.close)
        lanes = [Lane(adapter, wire, told) for wire in wires]

        async def send(groups: Sequence[str], event: Event | Sequence[Event]) -> Deliveries:
            found = await audience(adapter, wires, groups)
            if found.is_denied:  # what everybody may is sent with
                return await Each(adapter, groups).send(groups, event)
            return await _Batch(adapter.layer, found).send(lanes, event, len(groups))

        yield send


class _Batch:
    """What becomes of one batch, whose members are known."""

    def __init__(self, layer: Any, found: Audience) -> None:  # noqa: ANN401 - has no types
        self._layer = layer
        self._found = found
        self._parcels = Parcels()
        self._dropped: dict[int, int] = {}
        self._failed = found.failed
        self._unsure: dict[int, str] = {}

    async def send(
        self, lanes: Sequence[Lane], event: Event | Sequence[Event], count: int
    ) -> Deliveries:
        """Fill the queues of all servers; raises `LayerAway` where nothing went out."""
        for at, names in sorted(self._found.members.items()):
            self._parcels.add(at, event if isinstance(event, Mapping) else event[at], names)
        homes: list[list[Parcel]] = [[] for _ in lanes]
        for parcel in self._parcels.all:
            if self._pack(parcel):
                homes[self._layer.consistent_hash(parcel.queue)].append(parcel)
        await asyncio.gather(
            *(lane.send(here) for lane, here in zip(lanes, homes, strict=True) if here)
        )
        self._account()
        away = self._found.away or next((each.away for each in lanes if each.away), None)
        if away and len(self._failed) == count:
            raise away
        reach = [self._reach(at) for at in range(count)]
        return Deliveries(
            unit=Unit.MEMBERS,
            reach=reach,
            members=self._found.members,
            dropped=self._dropped,
            failed=self._failed,
            unsure=self._unsure,
        )

    def _reach(self, at: int) -> int | None:
        names = self._found.members.get(at)
        return None if names is None else len([1 for name in names if not name.startswith(TAP)])

    def _pack(self, parcel: Parcel) -> bool:
        try:
            event = {**parcel.event, "__asgi_channel__": list(parcel.channels)}
            parcel.payload = self._layer.serialize(event)
        except UNSERIALIZABLE as error:
            parcel.end(Fate.FAILED, f"{type(error).__name__}: {error}")
        return parcel.fate is None

    def _account(self) -> None:
        """Tell of each group what became of its parcels."""
        sent: set[int] = set()
        for parcel in self._parcels.all:
            if parcel.is_tap:
                continue
            for at in parcel.places:
                match parcel.fate:
                    case Fate.TAKEN:
                        sent.add(at)
                    case Fate.DROPPED:
                        self._dropped[at] = self._dropped.get(at, 0) + 1
                    case Fate.FAILED:
                        self._failed[at] = parcel.why
                    case _:
                        self._unsure[at] = parcel.why
        for at in (sent | self._unsure.keys()) & self._failed.keys():  # it went out in part
            self._unsure[at] = self._failed.pop(at)
