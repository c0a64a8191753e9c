"""What a layer hears, in two steps: frames off the wire, and the reading of them."""

import pickle
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

from chatops.model.message import Arrival, Hole

if TYPE_CHECKING:
    from chatops.layers.base import Arrivals, LayerAdapter
    from chatops.model.watched import Watched


class Frame(NamedTuple):
    """What one server said since its last frame, or a hole in that.

    `messages` is how many it has; `None` where it may end in the middle of one.
    """

    host: int
    at: float
    data: bytes = b""
    messages: int | None = None
    hole: Hole | None = None


class Feed(Protocol):
    """Hears on one side of a fork, reads on the other."""

    exact: bool
    """Whether frames are to end with a message, so that they can be dropped and counted."""

    def frames(self) -> AbstractAsyncContextManager[AsyncIterator[Frame]]:
        """Listen for as long as the block runs."""
        ...

    def read(self, frame: Frame) -> Sequence[Arrival | Hole]:
        """Return what a frame means; they are read in their order."""
        ...


@asynccontextmanager
async def heard(feed: Feed) -> AsyncIterator["Arrivals"]:
    """Hear and read in the same process."""

    async def batches() -> AsyncGenerator[Sequence[Arrival | Hole], None]:
        async for frame in frames:
            if batch := feed.read(frame):
                yield batch

    async with feed.frames() as frames, aclosing(batches()) as arrivals:
        yield arrivals


class Batches:
    """The frames of a layer that hands over events, no bytes: whole batches."""

    exact = True

    def __init__(self, layer: "LayerAdapter", watched: "Watched") -> None:
        self._layer = layer
        self._watched = watched

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[AsyncIterator[Frame]]:
        """Listen through the layer's own interface."""

        async def packed() -> AsyncGenerator[Frame, None]:
            async for batch in arrivals:
                for each in batch:
                    if isinstance(each, Hole):
                        yield Frame(0, time.time(), hole=each)
                if seen := [each for each in batch if isinstance(each, Arrival)]:
                    yield Frame(0, time.time(), pickle.dumps(seen), len(seen))

        async with self._layer.listen(self._watched) as arrivals, aclosing(packed()) as frames:
            yield frames

    def read(self, frame: Frame) -> Sequence[Arrival | Hole]:
        """Unpack the batch, which we packed ourselves."""
        if frame.hole is not None:
            return [frame.hole]
        batch: list[Arrival | Hole] = pickle.loads(frame.data)  # noqa: S301 - our own
        return batch
