"""Who is in one room, one by one."""

from collections.abc import AsyncGenerator

from chatops.layers.base import LayerAdapter
from chatops.model.capability import Capability
from chatops.model.member import Member, Person
from chatops.model.target import Target
from chatops.project.roster import Roster, people


async def list_members(
    layer: LayerAdapter, target: Target, roster: Roster | None
) -> AsyncGenerator[Member | Person, None]:
    """Yield each member of the target's group, then the people whom the roster names.

    Where the layer cannot name members, the roster alone is asked. Raises `Unsupported` where
    there is neither.
    """
    if roster is None or target.room is None:
        layer.require(Capability.LIST_MEMBERS)
    if Capability.LIST_MEMBERS in layer.capabilities:
        async for state in layer.members(target.group):
            yield Member(
                room=target.room,
                group=target.group,
                channel=state.channel,
                process=state.process,
                since=state.since,
                life=state.life,
                why=state.why,
            )
    if roster is not None and target.room is not None:
        async for person in people(roster, target.room):
            yield person
