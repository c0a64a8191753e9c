"""Who is where."""

from collections.abc import AsyncGenerator
from dataclasses import asdict
from fnmatch import fnmatchcase

from chatops.layers.base import LayerAdapter
from chatops.model.room import Room
from chatops.operations.probe import TYPE
from chatops.project.rooms import RoomNames


async def list_rooms(
    layer: LayerAdapter, names: RoomNames, pattern: str
) -> AsyncGenerator[Room, None]:
    """Yield each room that someone is in and whose name the glob `pattern` matches.

    A group that is no room's is matched by its own name.
    """
    seen = set()
    async for state in layer.groups():
        room = names.room(state.group)
        if state.group in seen or not fnmatchcase(room or state.group, pattern):
            continue
        if state.group.startswith(TYPE):  # a check is running somewhere
            continue
        seen.add(state.group)  # SCAN may hand a key out twice
        yield Room(room=room, **asdict(state))
