"""What the pubsub layer's groups hear: a passive subscription, by patterns, which no count has."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from chatops.layers.listening.decoding import Decoder
from chatops.layers.listening.feed import Frame
from chatops.layers.listening.incoming import Incoming
from chatops.layers.listening.merged import merged
from chatops.layers.listening.wire import Wire
from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import escaped, group_channel
from chatops.model.message import Arrival, Hole
from chatops.model.watched import Watched

Home = Callable[[str], int]
"""Tells on which of the servers a channel is published."""


class Subscription:
    """A feed of Redis channels, each from the server that it is published on.

    From there alone: the nodes of a cluster tell one another what is published.
    """

    def __init__(
        self,
        adapter: RedisAdapter,
        ways: dict[int, list[list[str]]],
        group_of: Callable[[str], str | None],
        home: Home,
    ) -> None:
        self.exact = False
        self._adapter = adapter
        self._ways = ways
        self._decoder = Decoder(adapter)

        def group_here(index: int) -> Callable[[bytes, bytes], str | None]:
            def found(pattern: bytes, channel: bytes) -> str | None:
                del pattern
                name = channel.decode(errors="surrogateescape")
                return group_of(name) if home(name) == index else None

            return found

        self._incoming = {index: Incoming(group_here(index)) for index in ways}

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[AsyncIterator[Frame]]:
        """Subscribe on each server."""
        async with AsyncExitStack() as stack:
            wires = []
            for index, ways in self._ways.items():
                wire = Wire(self._adapter, index, ways, self)
                stack.push_async_callback(wire.close)
                await wire.open()
                wires.append(wire)
            yield await stack.enter_async_context(merged(*(wire.frames() for wire in wires)))

    def read(self, frame: Frame) -> Sequence[Arrival | Hole]:
        """Take a frame apart."""
        if frame.hole is not None:
            if frame.host in self._incoming:
                self._incoming[frame.host].forget()
            return [frame.hole]
        seen_at = datetime.fromtimestamp(frame.at, UTC)
        return self._decoder.arrivals(self._incoming[frame.host].feed(frame.data), seen_at)


def groups_subscription(
    adapter: RedisAdapter, watched: Watched, prefix: str, home: Home
) -> Subscription:
    """Subscribe to groups: by their names, or where there is a glob by one pattern for all."""
    start = group_channel(prefix, "")
    wider = [[f"{escaped(start)}*"], [f"{escaped(prefix)}*"]]
    ways: dict[int, list[list[str]]] = {}
    if watched.globs:
        first = [[_pattern(start, watched)], *wider]
        ways = dict.fromkeys(range(len(adapter.hosts)), first)
    else:
        for group in watched.groups:
            name = group_channel(prefix, group)
            ways.setdefault(home(name), [[], *wider])[0].append(escaped(name))
    named = frozenset(watched.groups)

    def group_of(channel: str) -> str | None:
        if not channel.startswith(start):
            return None
        group = channel.removeprefix(start)
        return group if group in named or watched.finds(group) else None

    return Subscription(adapter, ways, group_of, home)


def channel_subscription(adapter: RedisAdapter, channel: str, home: Home) -> Subscription:
    """Subscribe to one channel."""
    ways = {home(channel): [[escaped(channel)]]}
    return Subscription(adapter, ways, lambda name: name if name == channel else None, home)


def _pattern(start: str, watched: Watched) -> str:
    """Let the server choose, where its globs and ours surely mean the same."""
    if len(watched.globs) == 1 and not watched.groups:
        [glob] = watched.globs
        if not set(glob) & set("?[]\\^"):
            return f"{escaped(start)}{glob}"
    return f"{escaped(start)}*"
