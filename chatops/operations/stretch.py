"""How long a command listens: so many, so long, or until it is stopped."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from chatops.errors import LayerAway, TimeRanOut
from chatops.layers.base import Arrivals, LayerAdapter
from chatops.layers.opened import START
from chatops.model.message import Arrival, Hole
from chatops.model.until import Until
from chatops.operations.choosing import Batch, Chooser, everything, has_hole


async def stretch(
    layer: LayerAdapter, batches: Arrivals, until: Until, choose: Chooser = everything
) -> AsyncGenerator[Batch, None]:
    """Yield what is chosen of each batch until it is enough; messages that are chosen count.

    Where the time was over first, raises `LayerAway` if the layer was away then, else
    `TimeRanOut` if there was a count.
    """
    now = asyncio.get_running_loop().time
    seen, away, silent = 0, False, True
    end = _after(now(), until.seconds)
    silence = _after(now(), until.idle)
    while (batch := await _next(batches, _first(end, silence))) is not None:
        silent = False
        away = any(isinstance(last, Hole) and last.lasts for last in batch[-1:])
        chosen = _cut(choose(batch), None if until.count is None else until.count - seen)
        came = len(chosen)
        if has_hole(chosen):
            came = sum(isinstance(each, Arrival) for each in chosen)
        seen += came
        if chosen:
            yield chosen
        if seen == until.count:
            return
        if came:
            silence = _after(now(), until.idle)
        if (first := _first(end, silence)) is not None and now() >= first:
            break  # where there is always something, nothing ever waits
    if away:
        raise LayerAway(f"The channel layer {layer} did not answer to the end.", START)
    if until.count is not None:
        told = f"{seen} of {until.count} messages came{_told(until)}."
        raise TimeRanOut(told, layer.looked if silent else None)


def _told(until: Until) -> str:
    within = f" within {until.seconds:g} s" if until.seconds is not None else ""
    silent = f" before {until.idle:g} s without one" if until.idle is not None else ""
    return " or".join(filter(None, [within, silent]))


def _cut(batch: Batch, left: int | None) -> Batch:
    """Return what there is up to and with the last message that is still asked for."""
    if left is None or len(batch) < left:
        return batch
    for index, each in enumerate(batch):
        left -= isinstance(each, Arrival)
        if left == 0:
            return batch[: index + 1]
    return batch


def _after(start: float, seconds: float | None) -> float | None:
    return None if seconds is None else start + seconds


def _first(*moments: float | None) -> float | None:
    return min((each for each in moments if each is not None), default=None)


async def _next(batches: Arrivals, deadline: float | None) -> Sequence[Arrival | Hole] | None:
    """Return the next batch, `None` once the time is over.

    Giving up cancels the reader: it is not asked again.
    """
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(batches, None)
    except TimeoutError:
        return None
