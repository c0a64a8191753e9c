"""An answer that several probes share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Ask at the first use, and once, however many wait for the answer."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asked: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        """Return the answer, or raise what asking for it raised."""
        if self._asked is None:
            self._asked = asyncio.ensure_future(self._ask())
        return await self._asked
