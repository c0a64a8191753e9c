"""The adapter that works with any channel layer, and what more an adapter may declare."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext
from typing import Any, ClassVar

from chatops.errors import Unsupported
from chatops.layers.opened import PATIENCE, UNSERIALIZABLE
from chatops.layers.public import PublicLayer
from chatops.model.capability import Capability
from chatops.model.finding import Finding
from chatops.model.member import MemberState
from chatops.model.message import Arrival, Hole
from chatops.model.residue import Residue
from chatops.model.room import GroupState, Reach
from chatops.model.rules.rule import Rule

__all__ = ["PATIENCE", "UNSERIALIZABLE", "Arrivals", "LayerAdapter"]

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
        return Unsupported(f"The channel layer {self} cannot {capability}.{self._way_out()}")

    def _way_out(self) -> str:
        return ""

    # ------------------------------------------------------------ what probes ask for

    @property
    def hosts(self) -> list[dict[str, Any]]:
        """The servers, each as the arguments of a connection; none where nobody can know."""
        return []

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

    def groups(self, wanted: Callable[[str], bool] = every) -> AsyncIterator[GroupState]:
        """Yield every wanted group that someone is in, once or more often.

        Raises `Unsupported` where nobody can list them.
        """
        del wanted
        raise self._cannot(Capability.LIST_GROUPS)

    def members(self, group: str) -> AsyncIterator[MemberState]:
        """Yield every member of a group; raises `Unsupported` where nobody can name them."""
        del group
        raise self._cannot(Capability.LIST_MEMBERS)

    def residue(self, wanted: Callable[[str], bool] = every) -> AsyncIterator[Sequence[Residue]]:
        """Yield what dead processes left in wanted groups, key by key, each `PLANNED` or `KEPT`.

        What is in no group is wanted by the name "". Raises `Unsupported` where nobody can tell
        the dead from the living.
        """
        del wanted
        raise self._cannot(Capability.PRUNE)

    async def remove(self, residues: Sequence[Residue]) -> Sequence[Residue]:
        """Remove what is planned of one key, after another look; returns what became of each."""
        del residues
        raise self._cannot(Capability.PRUNE)

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
    async def _joined(self, group: str) -> AsyncIterator[Arrivals]:
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
