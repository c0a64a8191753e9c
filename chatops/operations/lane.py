"""How a probe gets its messages through: a channel of its own, and the surest way to it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from chatops.errors import OverCapacity
from chatops.layers.base import LayerAdapter
from chatops.operations.probe import LEASE, PATIENCE, TYPE, probe_group

_STRAY = 0.2
"""Seconds for what may come by another host than the last message did."""

LAST = "last"
"""The `part` of the message that ends a probe's collecting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A channel of ours.

    With several hosts it is reached by a group of its own, because a core layer then loses what
    is sent directly.
    """

    layer: LayerAdapter
    channel: str
    group: str | None

    async def send(self, **event: object) -> None:
        """Send an event to the channel; raises `OverCapacity` where its queue is full."""
        message: dict[str, Any] = {"type": TYPE, **event}
        if self.group is None:
            await self.layer.send(self.channel, message)
        elif await self.layer.group_send(self.group, message):
            raise OverCapacity(f"The queue of {self.channel!r} is full.")

    async def receive(self, patience: float = PATIENCE) -> dict[str, Any] | None:
        """Return what comes next, `None` after `patience` seconds: then the lane is spoiled."""
        return await self.layer.receive(self.channel, patience)

    async def until_last(self) -> list[str]:
        """Return the `part` of each message before one that is sent now; the lane is spoiled.

        What is not there when that one is, was not delivered.
        """
        await self.send(part=LAST)
        parts: list[str] = []
        await self.collect(parts)
        return parts

    async def collect(self, parts: list[str], patience: float = PATIENCE) -> None:
        """Append the `part` of each message that comes before the last one, whoever sends it."""
        while (came := await self.receive(patience)) and came.get("part") != LAST:
            parts.append(str(came.get("part")))
        while self.group and (came := await self.receive(_STRAY)):
            parts.append(str(came.get("part")))


@asynccontextmanager
async def lane(layer: LayerAdapter) -> AsyncGenerator[Lane, None]:
    """Open a lane for as long as the block runs."""
    channel = await layer.new_channel()
    if len(layer.hosts) <= 1:
        yield Lane(layer=layer, channel=channel, group=None)
        return
    async with member(layer, group := probe_group(), channel):
        yield Lane(layer=layer, channel=channel, group=group)


@asynccontextmanager
async def member(layer: LayerAdapter, group: str, channel: str) -> AsyncGenerator[None, None]:
    """Let a channel of ours be in a group of ours for as long as the block runs."""
    try:
        await layer.group_add(group, channel, lease=LEASE)
        yield
    finally:
        await layer.group_discard(group, channel)


@asynccontextmanager
async def joined(layer: LayerAdapter, groups: Sequence[str]) -> AsyncGenerator[list[Lane], None]:
    """Open a lane for each of the groups, which is in it for as long as the block runs."""
    async with AsyncExitStack() as stack:
        lanes = [await stack.enter_async_context(lane(layer)) for _ in groups]
        for group, each in zip(groups, lanes, strict=True):
            await stack.enter_async_context(member(layer, group, each.channel))
        yield lanes
