"""The in-memory channel layer: all there is, is in this process."""

from collections.abc import AsyncIterator
from typing import ClassVar

from chatops.layers.base import LayerAdapter
from chatops.model.capability import Capability
from chatops.model.finding import Finding
from chatops.model.room import GroupState, Reach, Unit
from chatops.model.rules.settings import PROCESSES


class MemoryAdapter(LayerAdapter):
    """`channels.layers.InMemoryChannelLayer`, which cannot reach another process."""

    kind = "memory"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.LIST_GROUPS})

    def _way_out(self) -> str:
        return " Use a layer that can, such as channels_redis, in CHANNEL_LAYERS."

    async def reach(self, group: str) -> Reach:
        """Count the members in this process."""
        return Reach(count=len(self.layer.groups.get(group, {})), unit=Unit.MEMBERS)

    async def groups(self) -> AsyncIterator[GroupState]:
        """Yield the groups of this process."""
        for group, members in list(self.layer.groups.items()):
            yield GroupState(group=group, count=len(members), unit=Unit.MEMBERS, processes=1)

    def settings_findings(self) -> list[Finding]:
        """Say that this layer ends at the process."""
        return [
            PROCESSES.warn("the in-memory layer ends at its process: other workers hear nothing")
        ]
