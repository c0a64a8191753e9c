"""Send an event to a channel."""

from collections.abc import AsyncGenerator
from typing import Any

from chatops.layers.base import LayerAdapter
from chatops.model.channel import Delivered
from chatops.model.result import Note
from chatops.operations.guard import intact


async def send(
    layer: LayerAdapter, channel: str, event: dict[str, Any]
) -> AsyncGenerator[Note | Delivered, None]:
    """Send the event, and yield that the layer took it; first a note where it gets lost there.

    Raises `Refused` where it would not arrive as it is, and `OverCapacity` where the queue is
    full; nothing was sent then.
    """
    layer.check_channel(channel)
    await intact(layer, event)
    if why := layer.lost(channel):
        yield Note(note=why)
    await layer.send(channel, event)
    yield Delivered(channel=channel, type=event["type"])
