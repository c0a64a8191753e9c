"""Watch what is sent to a group."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from chatops.errors import LayerAway, TimeRanOut
from chatops.layers.base import Arrivals, LayerAdapter
from chatops.model.message import Arrival, Gap, Hole, Message, Ready
from chatops.model.target import Target


async def tail(
    layer: LayerAdapter, target: Target, *, count: int | None = None, seconds: float | None = None
) -> AsyncGenerator[Ready | Message | Gap, None]:
    """Yield each message sent to the target from now on, and each gap.

    Ends after `count` messages or after `seconds`. Where the time was over first, raises
    `LayerAway` if the layer was away then, else `TimeRanOut` if there was a count.
    """
    seen, away = 0, False
    layer.check_group(target.group)
    async with layer.listen(target.group) as batches:
        yield Ready(room=target.room, group=target.group)
        deadline = asyncio.get_running_loop().time() + seconds if seconds is not None else None
        while batch := await _next(batches, deadline):
            for each in batch:
                yield _told(target, each)
                away = isinstance(each, Hole) and each.lasts
                seen += isinstance(each, Arrival)
                if seen == count:
                    return
    if away:
        raise LayerAway(f"The channel layer {layer} did not answer to the end.")
    if count is not None:
        raise TimeRanOut(f"{seen} of {count} messages came within {seconds:g} s.")


async def _next(batches: Arrivals, deadline: float | None) -> Sequence[Arrival | Hole] | None:
    """Return the next batch, `None` once the time is over.

    Giving up cancels the reader: it is not asked again.
    """
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(batches)
    except TimeoutError:
        return None


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
            type_ = each.body.get("type")
            return Message(
                room=target.room,
                group=target.group,
                type=type_ if isinstance(type_, str) else None,
                body=each.body,
                seen_at=each.seen_at,
                bytes=each.size,
                problem=each.problem,
            )
