"""Several things that come, as one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Merged(Generic[T]):
    """What comes from any of its sources, which may join and leave meanwhile."""

    def __init__(self) -> None:
        self._coming: dict[asyncio.Future[T], AsyncGenerator[T, None]] = {}

    def add(self, source: AsyncGenerator[T, None]) -> None:
        """Take in one more; one that joins while we wait is heard after the next that comes."""
        self._coming[asyncio.ensure_future(anext(source))] = source

    async def drop(self, source: AsyncGenerator[T, None]) -> None:
        """End one."""
        for task in [task for task, each in self._coming.items() if each is source]:
            del self._coming[task]
            task.cancel()
            await asyncio.wait([task])
        await source.aclose()

    async def all(self) -> AsyncGenerator[T, None]:
        """Yield what comes; what a source raises is raised."""
        while self._coming:
            done, _ = await asyncio.wait(self._coming, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if (source := self._coming.pop(task, None)) is not None:
                    came = task.result()
                    self.add(source)
                    yield came

    async def close(self) -> None:
        """End all of them."""
        for source in list(self._coming.values()):
            await self.drop(source)


@asynccontextmanager
async def merged(*sources: AsyncGenerator[T, None]) -> AsyncIterator[AsyncGenerator[T, None]]:
    """Lend what comes from any of these for as long as the block runs."""
    crowd: Merged[T] = Merged()
    for source in sources:
        crowd.add(source)
    everything = crowd.all()
    try:
        yield everything
    finally:
        await everything.aclose()
        await crowd.close()
