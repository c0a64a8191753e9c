"""Follow what a tail hears: write it, by the batch, and do what goes on beside it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from chatops.cli.connected import connected
from chatops.cli.desk import Desk, is_live
from chatops.cli.ending import show
from chatops.cli.outlet import Outlet
from chatops.errors import ChatopsError
from chatops.model.message import Heard, Ready
from chatops.model.result import Talk
from chatops.operations.tally import Tally, statistics
from chatops.rendering.feed import Feed
from chatops.rendering.screen import Surface


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What goes on beside: a command once we watch, and statistics every so many seconds.

    `room` names the room of a group.
    """

    tally: Tally
    room: Callable[[str], str | None]
    command: str | None = None
    every: float | None = None


class Place(Protocol):
    """Where what is heard is written."""

    async def write(self, heard: Heard) -> None:
        """Write what was heard at once."""

    def clear(self) -> None:
        """Leave the line to somebody else."""

    async def run(self) -> None:
        """Do what goes on there meanwhile."""


class _Plain:
    """Lines, and nothing else."""

    def __init__(self, outlet: Outlet, feed: Feed) -> None:
        self._outlet = outlet
        self._feed = feed

    async def write(self, heard: Heard) -> None:
        """Write the lines."""
        await self._outlet.write(self._feed.lines(heard))

    def clear(self) -> None:
        """Nothing is in the way."""

    async def run(self) -> None:
        """Nothing goes on."""


class _Ended:
    """Ends a task from inside: by a key, or because of an error."""

    def __init__(self, task: "asyncio.Task[Any] | None") -> None:
        self._task = task
        self.asked = False
        self.error: ChatopsError | None = None

    def end(self, error: ChatopsError | None = None) -> None:
        """End it, once."""
        if self._task is not None and not self.asked:
            self.asked, self.error = True, error
            self._task.cancel()

    def settle(self) -> None:
        """Take the cancellation back, which was ours; raises the error that it was for."""
        if self._task is not None:
            self._task.uncancel()
        if self.error is not None:
            raise self.error


async def follow(
    values: AsyncGenerator[Ready | Heard, None],
    feed: Feed,
    surface: Surface,
    beside: Beside,
) -> None:
    """Write what is heard, as the feed says, until there is no more or somebody quits."""
    ended, outlet = _Ended(asyncio.current_task()), Outlet(surface.out)
    place: Place = _Plain(outlet, feed)
    if is_live(surface.out):
        place = Desk(outlet, feed, beside.tally, ended.end, color=surface.color)

    def tell(talk: Talk) -> None:
        place.clear()
        show(surface.screen, talk)

    try:
        async with (
            connected(beside.command, ended.end) as start,
            aclosing(values),
            _meanwhile(place.run(), _statistics(beside, tell)),
        ):
            async for value in values:
                if isinstance(value, Ready):
                    tell(value)
                    start()
                else:
                    await place.write(value)
                    await asyncio.sleep(0)  # signals, where there is always something
    except asyncio.CancelledError:
        if not ended.asked:
            raise
        ended.settle()
    finally:
        place.clear()
        outlet.close()


async def _statistics(beside: Beside, tell: Callable[[Talk], None]) -> None:
    if beside.every is not None:
        async for each in statistics(beside.tally, beside.every, beside.room):
            tell(each)


@asynccontextmanager
async def _meanwhile(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(each) for each in works]
    try:
        yield
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
