"""One test's channel layers, and the ways to look at what they deliver."""

import asyncio
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import pytest
from django.utils.module_loading import import_string

PATIENCE = 5.0
"""Seconds in which a message must have arrived."""

_IMPATIENCE = 0.5
"""The same for a test that is known to fail."""

Message = dict[str, Any]


def built(entry: Mapping[str, Any], **options: object) -> Any:  # noqa: ANN401 - layers share no base
    """Build a new layer from an entry of CHANNEL_LAYERS."""
    return import_string(entry["BACKEND"])(**{**entry.get("CONFIG", {}), **options})


async def emptied(layer: Any) -> None:  # noqa: ANN401
    """Remove what a layer holds, and let go of its connections."""
    if "flush" in getattr(layer, "extensions", ()):
        await layer.flush()
    if hasattr(layer, "close"):
        await layer.close()


class Trial:
    """The layers of one test: built when asked for, emptied in the loop that used them."""

    def __init__(
        self, entry: Mapping[str, Any], *, shared: bool, sharded: bool, known: bool
    ) -> None:
        self.entry = entry
        self.shared = shared
        self.sharded = sharded
        self.patience = _IMPATIENCE if known else PATIENCE
        self._id = uuid.uuid4().hex[:8]
        self._layers: list[Any] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for layer in self._layers:
            await emptied(layer)

    def name(self, text: str) -> str:
        """Return a name that no other test uses."""
        return f"{text}.{self._id}"

    def layer(self, **options: object) -> Any:  # noqa: ANN401
        """Build one more client of the backend; skips the test where an option is not taken."""
        try:
            layer = built(self.entry, **options)
        except TypeError as error:
            if not options:
                raise
            pytest.skip(f"the layer does not take {', '.join(options)}: {error}")
        self._layers.append(layer)
        return layer

    def pair(self, **options: object) -> tuple[Any, Any]:
        """Build two clients of one backend; the same one twice where each is a world apart."""
        one = self.layer(**options)
        return one, self.layer(**options) if self.shared else one

    def needs_others(self) -> None:
        """Skip the test where the layer ends at its own object."""
        if not self.shared:
            pytest.skip("this layer is not shared: each object is a world of its own")

    def needs_normal_channels(self) -> None:
        """Skip the test where what is sent to a normal channel may be anywhere."""
        if self.sharded:
            pytest.skip("this layer spreads normal channels over several servers")

    async def member(self, layer: Any, group: str) -> str:  # noqa: ANN401
        """Return a new channel that is in the group."""
        channel = str(await layer.new_channel())
        await layer.group_add(group, channel)
        return channel

    async def received(self, layer: Any, channel: str) -> Message:  # noqa: ANN401
        """Return the next message of a channel; fails where none comes."""
        message: Message | None = None
        with suppress(TimeoutError):
            async with asyncio.timeout(self.patience):
                message = await layer.receive(channel)
        assert message is not None, f"nothing came on {channel!r} within {self.patience:g} s"
        return message

    async def several(self, layer: Any, channel: str, count: int) -> list[Message]:  # noqa: ANN401
        """Return the next messages of a channel."""
        return [await self.received(layer, channel) for _ in range(count)]

    async def rest(self, layer: Any, channel: str, group: str) -> list[Message]:  # noqa: ANN401
        """Return all that still waits on a channel: what comes before a last message of ours.

        That is how it is seen, without waiting, that something does not come. The last one
        goes the way of what may come, by the same group: two servers keep no common order.
        """
        end = {"type": "end", "id": uuid.uuid4().hex}
        await layer.group_add(group, channel)
        await layer.group_send(group, end)
        got: list[Message] = []
        while (message := await self.received(layer, channel)) != end:
            got.append(message)
        await layer.group_discard(group, channel)
        return got


def numbered(count: int) -> list[Message]:
    """Return so many messages that can be told apart."""
    return [{"type": "trial", "number": number} for number in range(count)]


async def tell(layer: Any, group: str, messages: Iterable[Message]) -> None:  # noqa: ANN401
    """Send messages to a group, one after the other."""
    for message in messages:
        await layer.group_send(group, message)
