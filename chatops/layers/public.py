"""What every channel layer can do: the public interface of Channels, with errors of ours."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Any

from chatops.errors import OverCapacity
from chatops.layers.build import require_channel_name, require_group_name
from chatops.layers.opened import PATIENCE, OpenedLayer
from chatops.model.message import Arrival, Hole


class PublicLayer(OpenedLayer):
    """Sends and receives through the public interface alone."""

    async def new_channel(self) -> str:
        """Return the name of a new channel of this process."""
        async with self.working():
            return str(await self.layer.new_channel())

    async def send(self, channel: str, event: dict[str, Any]) -> None:
        """Send to one channel; raises `OverCapacity` where its queue is full."""
        from channels.exceptions import ChannelFull  # noqa: PLC0415 - imports Django

        async with self.working():
            try:
                await self.layer.send(channel, event)
            except ChannelFull as error:
                raise OverCapacity(f"The queue of {channel!r} is full.") from error

    async def receive(self, channel: str, patience: float = PATIENCE) -> dict[str, Any] | None:
        """Return the next message on a channel of ours, `None` after `patience` seconds.

        The layer may lose its state when this gives up: do not use the channel again.
        """
        with self._felt(), self._translated():
            try:
                return dict(
                    await asyncio.wait_for(self.layer.receive(channel), self._patience(patience))
                )
            except TimeoutError:
                return None

    async def group_add(self, group: str, channel: str, *, lease: int | None = None) -> None:
        """Add a channel of ours to a group.

        With `lease` the group is ours too: where the layer can, it forgets the group so many
        seconds after we were killed. Never give it for a real room.
        """
        del lease
        async with self.working():
            await self.layer.group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        """Remove a channel of ours from a group."""
        async with self.working():
            await self.layer.group_discard(group, channel)

    async def group_send(self, group: str, event: dict[str, Any]) -> int:
        """Send to a group; returns how many queues were full and dropped it, 0 if unknown."""
        async with self.working():
            await self.layer.group_send(group, event)
        return 0

    def check_group(self, group: str) -> None:
        """Raise `BadValue` for a name that some part of Channels would choke on.

        The pubsub layer takes any name, and the other layers and `group_add` elsewhere raise.
        """
        require_group_name(group)

    def check_channel(self, channel: str) -> None:
        """Raise `BadValue` for a name that some layer would choke on."""
        require_channel_name(channel)

    def lost(self, channel: str) -> str | None:
        """Say why what is sent to this channel gets lost on the way; `None` where it arrives."""
        del channel
        return None

    async def echo(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the event as a receiver would get it.

        Raises one of `UNSERIALIZABLE` where it cannot be serialized.
        """
        channel = await self.new_channel()
        await self.send(channel, event)
        return await self.receive(channel) or {}

    async def received(self, channel: str) -> AsyncGenerator[Sequence[Arrival | Hole], None]:
        """Yield what comes on a channel of ours, until the caller stops."""
        while True:
            with self._translated():
                body = await self.layer.receive(channel)
            yield [Arrival(body=dict(body), size=None, seen_at=datetime.now(UTC))]
