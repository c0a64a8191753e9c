"""The adapter that works with any channel layer, and what more an adapter may declare."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

from chatops.errors import Unsupported
from chatops.layers.opened import PATIENCE, UNSERIALIZABLE
from chatops.layers.public import PublicLayer
from chatops.layers.sending.each import Each, Event, Sending, ignore
from chatops.model.capability import Capability
from chatops.model.deliveries import Deliveries
from chatops.model.message import Arrival, Hole
from chatops.model.room import GroupState, Reach

if TYPE_CHECKING:
    from chatops.layers.listening.feed import Feed
    from chatops.model.finding import Finding
    from chatops.model.member import MemberState
    from chatops.model.residue import Residue
    from chatops.model.rules.rule import Rule
    from chatops.model.watched import Watched

__all__ = ["PATIENCE", "UNSERIALIZABLE", "Arrivals", "LayerAdapter", "Sending"]

Arrivals = AsyncIterator[Sequence[Arrival | Hole]]


def every(group: str) -> bool:
    """Want every group."""
    del group
    return True


class LayerAdapter(PublicLayer):
    """A channel layer as the operations see it.

    A subclass declares what more its layer can do in `capabilities`.
    """

    kind: ClassVar[str | None] = None
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.CROSS_PROCESS})

    def require(self, capability: Capability) -> None:
        """Raise `Unsupported` where this layer lacks the capability."""
        if capability not in self.capabilities:
            raise self._cannot(capability)

    def _cannot(self, capability: Capability) -> Unsupported:
        told = f"The channel layer {self} cannot {capability}.{self._way_out()}"
        return Unsupported(told, self.looked)

    def _way_out(self) -> str:
        return ""

    # ------------------------------------------------------------ what probes ask for

    @property
    def hosts(self) -> list[dict[str, Any]]:
        """The servers, each as the arguments of a connection; none where nobody can know."""
        return []

    @property
    def tells_members(self) -> bool:
        """Tell whether `sending` says to which channels it sent, and takes one event for many."""
        return False

    def places(self) -> Sequence[str]:
        """Name where messages go beyond this machine; the alias, where nobody knows."""
        return [self.alias]

    @property
    def connections(self) -> int | None:
        """How many connections the layer may have to a server; `None` where nobody can know."""
        return None

    def apart(self, name: str | None = None) -> AbstractAsyncContextManager["LayerAdapter"]:
        """Lend a layer of the same settings whose queues and connections nobody else uses.

        That is this one, where each channel has a queue of its own. The server knows the
        connections by the `name`, where one is given.
        """
        del name
        return nullcontext(self)

    def capacity(self, channel: str) -> int | None:
        """Return how many messages the queue of a channel takes; `None` where nobody can know."""
        del channel
        return None

    async def lifetime(self, channel: str) -> tuple[float, int] | None:
        """Return the seconds after which what is queued is forgotten, and those configured.

        `None` where nothing outlives its process; the first is negative where it never is.
        """
        del channel
        return None

    async def cut(self, name: str) -> int | None:
        """Let the server cut the connections of a layer that is `apart` by that name.

        Returns how many, `None` where there is no server that could.
        """
        del name
        return None

    # ------------------------------------------------------------ what more a layer may know

    async def reach(self, group: str) -> Reach | None:
        """Return whom a message to this group would reach now; `None` where nobody can know."""
        del group
        return None

    async def reaches(self, groups: Sequence[str]) -> Sequence[Reach | None]:
        """Return the reach of each of these groups, `None` also where we may not ask."""
        found: list[Reach | None] = []
        for group in groups:
            try:
                found.append(await self.reach(group))
            except Unsupported:
                found.append(None)
        return found

    def groups(self, wanted: Callable[[str], bool] = every) -> AsyncIterator[GroupState]:
        """Yield every wanted group that someone is in, once or more often.

        Raises `Unsupported` where nobody can list them.
        """
        del wanted
        raise self._cannot(Capability.LIST_GROUPS)

    def members(self, group: str) -> AsyncIterator["MemberState"]:
        """Yield every member of a group; raises `Unsupported` where nobody can name them."""
        del group
        raise self._cannot(Capability.LIST_MEMBERS)

    def residue(self, wanted: Callable[[str], bool] = every) -> AsyncIterator[Sequence["Residue"]]:
        """Yield what dead processes left in wanted groups, key by key, each `PLANNED` or `KEPT`.

        What is in no group is wanted by the name "". Raises `Unsupported` where nobody can tell
        the dead from the living.
        """
        del wanted
        raise self._cannot(Capability.PRUNE)

    async def remove(self, residues: Sequence["Residue"]) -> Sequence["Residue"]:
        """Remove what is planned of one key, after another look; returns what became of each."""
        del residues
        raise self._cannot(Capability.PRUNE)

    def size(self, event: dict[str, Any]) -> int | None:
        """Return how many bytes the event is on the wire; `None` where there is no wire."""
        del event
        return None

    async def size_limit(self) -> int | None:
        """Return how many bytes the servers take at the most; `None` where nobody can know."""
        return None

    async def queued(self, groups: Sequence[str]) -> Sequence[tuple[str, Arrival]]:
        """Return a few of the newest messages that wait for members, each with its queue's name.

        They stay there. Nothing comes back where nothing waits, and where nobody can look.
        """
        del groups
        return ()

    async def passing(self) -> Sequence[tuple[str, Arrival]]:
        """Return a few of the messages that others send in a moment, with each one's channel.

        Nothing comes back where nothing passes, and where nobody can look.
        """
        return ()

    async def ghosts(self, groups: Sequence[str]) -> Sequence[int]:
        """Count the members of each that surely get nothing of what was just sent to them.

        Their processes are gone. Where nobody can know that, it is 0.
        """
        return [0] * len(groups)

    def settings_findings(self) -> Sequence["Finding"]:
        """Return what the built layer says of its settings, offline, more exactly than they do."""
        return ()

    def sending(self, told: Callable[[str], None] = ignore) -> AbstractAsyncContextManager[Sending]:
        """Send to many groups: the block gets what sends to one batch after the other.

        A group may be in a batch more than once: what it gets keeps its order.
        `told` gets a line when full queues are waited for. What was sent raises `LayerAway` only
        where nothing of its batch can have gone out.
        """
        del told

        async def send(groups: Sequence[str], event: Event | Sequence[Event]) -> Deliveries:
            return await Each(self, groups).send(groups, event)

        return nullcontext(send)

    def broker_probes(self) -> Mapping["Rule", Callable[[], Awaitable["Finding"]]]:
        """Return what can be asked of the layer's server; nothing where there is none."""
        return {}

    def listen(self, watched: "Watched") -> AbstractAsyncContextManager[Arrivals]:
        """Join these groups; the block gets batches of what arrives from then on.

        This is a member like any other: it is counted, and the layer's capacity applies. Raises
        `Unsupported` for globs where nobody can list the groups.
        """
        from chatops.layers.listening.together import together  # noqa: PLC0415 - a listener's alone

        return together(self, watched)

    def feed(self, watched: "Watched") -> "Feed":
        """Return what `listen` hears, in a form that can cross into another process."""
        from chatops.layers.listening.feed import Batches  # noqa: PLC0415 - a listener's alone

        return Batches(self, watched)

    def receiving(self, channel: str) -> AbstractAsyncContextManager[Arrivals]:
        """Receive on the channel; the block gets batches of what comes from then on.

        What is received is taken away from whoever else receives there. Raises `Unsupported`
        for a channel of another process: its messages would be taken from that process.
        """
        if "!" in channel:
            raise Unsupported(
                f"{channel!r} belongs to one process, and the channel layer {self} has one queue "
                "for all channels of a process: receiving there would take its messages away."
            )
        return self._taking(channel)

    def _taking(self, channel: str) -> AbstractAsyncContextManager[Arrivals]:
        return self._asking(channel)

    @asynccontextmanager
    async def _asking(self, channel: str) -> AsyncIterator[Arrivals]:
        async with aclosing(self.received(channel)) as arrivals:
            yield arrivals

    @asynccontextmanager
    async def joined(self, group: str) -> AsyncIterator[Arrivals]:
        """Join one group, by a channel of its own."""
        channel = await self._tap_channel()
        await self.group_add(group, channel)
        try:
            async with aclosing(self.received(channel)) as arrivals:
                yield arrivals
        finally:
            await self.group_discard(group, channel)

    async def _tap_channel(self) -> str:
        """Name a channel to listen on; where the layer can, one that is left out of counts."""
        return await self.new_channel()
