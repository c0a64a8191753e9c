"""The adapter that works with any channel layer, through its public interface alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from chatops.errors import LayerAway, OverCapacity, Unsupported, foreign
from chatops.layers.build import build, require_group_name
from chatops.model.capability import Capability
from chatops.model.finding import Finding
from chatops.model.message import Arrival, Hole
from chatops.model.room import GroupState, Reach
from chatops.model.rules.rule import Rule

Arrivals = AsyncIterator[Sequence[Arrival | Hole]]

PATIENCE = 5.0
"""Seconds that a layer may take for one answer."""

_LAST = 0.2
"""Seconds for each answer once the time for all of them is over, so that we can clean up."""

UNSERIALIZABLE = (TypeError, ValueError, OverflowError)
"""What serializers raise for an event that they cannot carry."""


class LayerAdapter:
    """A channel layer as the operations see it.

    The layer itself is built at the first use, inside the running event loop, because that
    is where Channels' layers keep their connections. A subclass declares what more its layer
    can do in `capabilities`.
    """

    kind: ClassVar[str | None] = None
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.CROSS_PROCESS})

    def __init__(self, alias: str, backend: str) -> None:
        self.alias = alias
        self.backend = backend
        self._layer: Any = None
        self._deadline: float | None = None

    def __str__(self) -> str:
        return f"{self.alias!r} ({self.backend})"

    @property
    def entry(self) -> dict[str, Any]:
        """What CHANNEL_LAYERS says of this layer."""
        from django.conf import settings  # noqa: PLC0415 - imports Django

        return dict(settings.CHANNEL_LAYERS[self.alias])

    @property
    def layer(self) -> Any:  # noqa: ANN401 - third parties' layers share no base class
        """The channel layer; raises `BrokenLayer` where its settings do not make one."""
        if self._layer is None:
            self._layer = self._built()
        return self._layer

    def _built(self) -> Any:  # noqa: ANN401
        return build(self.alias, self.backend)

    async def close(self) -> None:
        """Let go of what this adapter holds; safe where nothing was ever opened."""

    def require(self, capability: Capability) -> None:
        """Raise `Unsupported` where this layer lacks the capability."""
        if capability not in self.capabilities:
            raise Unsupported(f"The channel layer {self} cannot {capability}.{self._way_out()}")

    def _way_out(self) -> str:
        return ""

    def answer_within(self, seconds: float) -> None:
        """Give the layer so long for everything that it is asked from now on, together."""
        self._deadline = asyncio.get_running_loop().time() + seconds

    def _patience(self, most: float) -> float:
        if self._deadline is None:
            return most
        return max(_LAST, min(most, self._deadline - asyncio.get_running_loop().time()))

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Translate what a library raises, and a silence longer than `PATIENCE`, into ours."""
        patience = self._patience(PATIENCE)
        try:
            async with asyncio.timeout(patience):
                with self._translated():
                    yield
        except TimeoutError as error:
            raise LayerAway(
                f"The channel layer {self} gave no answer within {patience:.1f} s{self._where()}."
            ) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what the layer raises into ours; what says "not serializable" passes."""
        what = f"The channel layer {self} did not answer{self._where()}"
        with foreign(LayerAway, what, but=(TimeoutError, *UNSERIALIZABLE)):
            yield

    def _where(self) -> str:
        return ""

    # ------------------------------------------------------------ the public interface

    async def new_channel(self) -> str:
        """Return the name of a new channel of this process."""
        async with self.answering():
            return str(await self.layer.new_channel())

    async def send(self, channel: str, event: dict[str, Any]) -> None:
        """Send to one channel; raises `OverCapacity` where its queue is full."""
        from channels.exceptions import ChannelFull  # noqa: PLC0415 - imports Django

        async with self.answering():
            try:
                await self.layer.send(channel, event)
            except ChannelFull as error:
                raise OverCapacity(f"The queue of {channel!r} is full.") from error

    async def receive(self, channel: str, patience: float = PATIENCE) -> dict[str, Any] | None:
        """Return the next message on a channel of ours, `None` after `patience` seconds.

        The layer may lose its state when this gives up: do not use the channel again.
        """
        with self._translated():
            try:
                return dict(
                    await asyncio.wait_for(self.layer.receive(channel), self._patience(patience))
                )
            except TimeoutError:
                return None

    async def group_add(self, group: str, channel: str, *, lease: int | None = None) -> None:
        """Add a channel of ours to a group.

        With `lease` the group is ours too: where the layer can, it forgets the group so many
        seconds after we were killed. Never give it for a real room.
        """
        del lease
        async with self.answering():
            await self.layer.group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        """Remove a channel of ours from a group."""
        async with self.answering():
            await self.layer.group_discard(group, channel)

    async def group_send(self, group: str, event: dict[str, Any]) -> int:
        """Send to a group; returns how many queues were full and dropped it, 0 if unknown."""
        async with self.answering():
            await self.layer.group_send(group, event)
        return 0

    def check_group(self, group: str) -> None:
        """Raise `BadValue` for a name that some part of Channels would choke on.

        The pubsub layer takes any name, and the other layers and `group_add` elsewhere raise.
        """
        require_group_name(group)

    async def echo(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return the event as a receiver would get it.

        Raises one of `UNSERIALIZABLE` where it cannot be serialized.
        """
        channel = await self.new_channel()
        await self.send(channel, event)
        return await self.receive(channel) or {}

    # ------------------------------------------------------------ what more a layer may know

    async def reach(self, group: str) -> Reach | None:
        """Return whom a message to this group would reach now; `None` where nobody can know."""
        del group
        return None

    def groups(self) -> AsyncIterator[GroupState]:
        """Yield every group that someone is in; raises `Unsupported` where nobody can list them."""
        raise Unsupported(f"The channel layer {self} cannot {Capability.LIST_GROUPS}.")

    def settings_findings(self) -> Sequence[Finding]:
        """Return what the built layer says of its settings, offline, more exactly than they do."""
        return ()

    def broker_probes(self) -> Mapping[Rule, Callable[[], Awaitable[Finding]]]:
        """Return what can be asked of the layer's server; nothing where there is none."""
        return {}

    def listen(self, group: str) -> AbstractAsyncContextManager[Arrivals]:
        """Join the group; the block gets batches of what arrives from then on.

        This is a member like any other: it is counted, and the layer's capacity applies.
        """
        return self._joined(group)

    @asynccontextmanager
    async def _joined(self, group: str) -> AsyncIterator[Arrivals]:
        channel = await self.new_channel()
        await self.group_add(group, channel)
        arrivals = self._received(channel)
        try:
            yield arrivals
        finally:
            await arrivals.aclose()  # type: ignore[attr-defined] # an async generator
            await self.group_discard(group, channel)

    async def _received(self, channel: str) -> Arrivals:
        while True:
            with self._translated():
                body = await self.layer.receive(channel)
            yield [Arrival(body=dict(body), size=None, seen_at=datetime.now(UTC))]
