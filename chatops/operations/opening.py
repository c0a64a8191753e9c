"""Begin to listen, within the time that was asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from chatops.errors import LayerAway
from chatops.layers.base import Arrivals, LayerAdapter
from chatops.layers.opened import START

_LEAST = 2.0
"""Seconds that a layer has at the least: its server may be far away, or busy."""


@asynccontextmanager
async def opening(
    layer: LayerAdapter,
    listening: AbstractAsyncContextManager[Arrivals],
    seconds: float | None,
) -> AsyncIterator[Arrivals]:
    """Listen; raises `LayerAway` where that cannot begin before we would be at the end."""
    within = None if seconds is None else max(_LEAST, seconds)
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(within):
                arrivals = await stack.enter_async_context(listening)
        except TimeoutError:
            told = f"The channel layer {layer} gave no answer within {within:g} s."
            raise LayerAway(told, START) from None
        yield arrivals
