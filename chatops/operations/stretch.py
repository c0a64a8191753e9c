"""How long a command listens: so many, so long, or until it is stopped."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from chatops.errors import LayerAway, TimeRanOut
from chatops.layers.base import Arrivals, LayerAdapter
from chatops.model.message import Arrival, Hole


async def stretch(
    layer: LayerAdapter, batches: Arrivals, *, count: int | None, seconds: float | None
) -> AsyncGenerator[Arrival | Hole, None]:
    """Yield what comes until there were `count` messages, or for `seconds`.

    Where the time was over first, raises `LayerAway` if the layer was away then, else
    `TimeRanOut` if there was a count.
    """
    seen, away = 0, False
    deadline = asyncio.get_running_loop().time() + seconds if seconds is not None else None
    while batch := await _next(batches, deadline):
        for each in batch:
            yield each
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
