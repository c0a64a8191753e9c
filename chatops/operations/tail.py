"""Watch what is sent to a group."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from chatops.layers.base import LayerAdapter
from chatops.model.message import Arrival, Gap, Hole, Message, Ready
from chatops.model.target import Target
from chatops.operations.stretch import stretch


async def tail(
    layer: LayerAdapter, target: Target, *, count: int | None = None, seconds: float | None = None
) -> AsyncGenerator[Ready | Message | Gap, None]:
    """Yield each message sent to the target from now on, and each gap.

    Ends after `count` messages or after `seconds`, as `stretch` says.
    """
    layer.check_group(target.group)
    async with layer.listen(target.group) as batches:
        yield Ready(room=target.room, group=target.group)
        async with aclosing(stretch(layer, batches, count=count, seconds=seconds)) as arrivals:
            async for each in arrivals:
                yield _told(target, each)


def _told(target: Target, each: Arrival | Hole) -> Message | Gap:
    match each:
        case Hole():
            return Gap(
                room=target.room,
                group=target.group,
                seconds=each.seconds,
                reason=each.reason,
            )
        case Arrival():
            return Message(
                room=target.room,
                group=target.group,
                type=each.type,
                body=each.body,
                seen_at=each.seen_at,
                bytes=each.size,
                problem=each.problem,
            )
