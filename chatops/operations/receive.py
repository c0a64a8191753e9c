"""Receive what is sent to a channel."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from chatops.layers.base import LayerAdapter
from chatops.model.channel import Listening, Received, Silence
from chatops.model.message import Arrival, Hole
from chatops.model.until import Until
from chatops.operations.stretch import stretch


async def receive(
    layer: LayerAdapter, channel: str, *, count: int, seconds: float | None = None
) -> AsyncGenerator[Listening | Received | Silence, None]:
    """Yield each event that comes on the channel, and each gap.

    Ends after `count` events or after `seconds`, as `stretch` says. Raises `Unsupported` for
    a channel whose messages would be taken from the process that it belongs to.
    """
    layer.check_channel(channel)
    until = Until(count=count, seconds=seconds)
    async with layer.receiving(channel) as batches:
        yield Listening(channel=channel)
        async with aclosing(stretch(layer, batches, until)) as chosen:
            async for batch in chosen:
                for each in batch:
                    yield _told(channel, each)


def _told(channel: str, each: Arrival | Hole) -> Received | Silence:
    match each:
        case Hole():
            return Silence(channel=channel, seconds=each.seconds, reason=each.reason)
        case Arrival():
            return Received(
                channel=channel,
                type=each.type,
                body=each.body,
                seen_at=each.seen_at,
                bytes=each.size,
                problem=each.problem,
            )
