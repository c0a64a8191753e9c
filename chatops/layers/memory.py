"""The in-memory channel layer: all there is, is in this process."""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, ClassVar

from chatops.layers.base import LayerAdapter, every
from chatops.model.capability import Capability
from chatops.model.room import GroupState, Reach, Unit

if TYPE_CHECKING:
    from chatops.model.finding import Finding


class MemoryAdapter(LayerAdapter):
    """`channels.layers.InMemoryChannelLayer`, which cannot reach another process."""

    kind = "memory"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.LIST_GROUPS})

    def _way_out(self) -> str:
        return " Use a layer that can, such as channels_redis, in CHANNEL_LAYERS."

    def places(self) -> list[str]:
        """Name nothing: it ends at this process."""
        return []

    async def reach(self, group: str) -> Reach:
        """Count the members in this process."""
        return Reach(count=len(self.layer.groups.get(group, {})), unit=Unit.MEMBERS)

    async def groups(self, wanted: Callable[[str], bool] = every) -> AsyncIterator[GroupState]:
        """Yield the wanted groups of this process."""
        for group, members in list(self.layer.groups.items()):
            if wanted(group):
                yield GroupState(group=group, count=len(members), unit=Unit.MEMBERS, processes=1)

    def capacity(self, channel: str) -> int:
        """Return how many messages the channel's queue takes."""
        return int(self.layer.get_capacity(channel))

    def settings_findings(self) -> list["Finding"]:
        """Say that this layer ends at the process."""
        from chatops.checks import processes  # noqa: PLC0415 - a check's alone

        return [processes(self.kind)]
