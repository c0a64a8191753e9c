"""Whom a broadcast is for."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from chatops.errors import Unmatched
from chatops.layers.base import LayerAdapter
from chatops.model.capability import Capability
from chatops.model.target import Aim, Found, Target, is_glob
from chatops.operations.plan import Plan
from chatops.operations.probe import OURS
from chatops.project.rooms import RoomNames, target

if TYPE_CHECKING:
    from chatops.model.room import Unit

_FIRST = 3


async def select(layer: LayerAdapter, names: RoomNames, aim: Aim, plan: Plan) -> Found:
    """Put into the plan what is named, then what the globs match; returns what they matched.

    A glob matches rooms that someone is in; a group that is no room is none of them. Raises
    `BadValue` for a bad name.
    """
    globs = []
    for word in aim.words:
        if is_glob(word):
            globs.append(word)
            continue
        chosen = target(names, word, is_group=aim.is_group)
        layer.check_group(chosen.group)
        if aim.allows(word):
            plan.add(chosen)
    return await _match(layer, names, aim, globs, plan) if globs else Found()


def nobody(layer: LayerAdapter, aim: Aim, found: Found) -> Unmatched:
    """Return what says that no room is meant."""
    what = "group" if aim.is_group else "room"
    but = f" but not {', '.join(map(repr, aim.but))}" if aim.but else ""
    if not found.globs:
        return Unmatched(f"No {what} is named{but}.")
    globs = " or ".join(map(repr, found.globs))
    return Unmatched(f"Nobody is in a {what} that matches {globs}{but}.", layer.looked)


async def _match(
    layer: LayerAdapter, names: RoomNames, aim: Aim, globs: Sequence[str], plan: Plan
) -> Found:
    layer.require(Capability.LIST_GROUPS)

    def wanted(group: str) -> bool:
        name = group if aim.is_group else names.room(group)
        if name is None or group.startswith(OURS):
            return False
        return aim.allows(name) and any(fnmatchcase(name, each) for each in globs)

    count, reach, most = 0, 0, 0
    first: list[str] = []
    unit: Unit | None = None
    async for state in layer.groups(wanted):
        room = names.room(state.group)
        if not plan.add(Target(room=room, group=state.group)):
            continue  # named too, or handed out twice by SCAN
        count, reach, most = count + 1, reach + state.count, max(most, state.count)
        unit = state.unit
        if len(first) < _FIRST:
            first.append(room or state.group)
    return Found(
        count=count, reach=reach, most=most, unit=unit, first=tuple(first), globs=tuple(globs)
    )
