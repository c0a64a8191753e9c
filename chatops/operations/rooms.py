"""Who is where."""

import asyncio
import heapq
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import fields
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from chatops.errors import LayerAway
from chatops.layers.base import LayerAdapter
from chatops.model.listing import Listing, Sort
from chatops.model.room import GroupState, Room, Round
from chatops.operations.probe import OURS
from chatops.project.rooms import RoomNames

_PLAIN = Listing()
_STATE = [each.name for each in fields(GroupState)]


async def list_rooms(
    layer: LayerAdapter, names: RoomNames, pattern: str, how: Listing = _PLAIN
) -> AsyncGenerator[Room, None]:
    """Yield each room that someone is in and whose name the glob `pattern` matches.

    A group that is no room's is matched by its own name. Unsorted they come as they are found;
    sorted, all of them are looked at first, and no more than `how.limit` are kept.
    """
    rooms = _matching(layer, names, pattern, how)
    if how.sort is None:
        left = how.limit
        async for room in rooms:
            if left == 0:
                return
            left = left - 1 if left is not None else None
            yield room
        return
    for room in await _first(rooms, how.sort, how.limit):
        yield room


async def watch_rooms(
    layer: LayerAdapter, names: RoomNames, pattern: str, how: Listing
) -> AsyncGenerator[Room | Round, None]:
    """Yield the rooms again and again, each round ended by a `Round`; or one round, alone.

    A layer that is away is told in its round, and asked again in the next.
    """
    while True:
        count, problem = 0, None
        try:
            async for room in list_rooms(layer, names, pattern, how):
                count += 1
                yield room
        except LayerAway as error:
            if how.every is None:
                raise
            problem = str(error)
        if how.every is None:
            return
        yield Round(at=datetime.now(UTC), rooms=count, problem=problem)
        await asyncio.sleep(how.every)


async def _matching(
    layer: LayerAdapter, names: RoomNames, pattern: str, how: Listing
) -> AsyncIterator[Room]:
    def room_of(group: str) -> str | None:
        return None if how.raw else names.room(group)

    def wanted(group: str) -> bool:  # not what a check or a broadcast is using, unless asked for
        is_asked = pattern.startswith(OURS) or not group.startswith(OURS)
        return is_asked and fnmatchcase(room_of(group) or group, pattern)

    seen = set()
    async for state in layer.groups(wanted):
        if state.group in seen:  # SCAN may hand a key out twice
            continue
        seen.add(state.group)
        yield Room(room=room_of(state.group), **{name: getattr(state, name) for name in _STATE})


async def _first(rooms: AsyncIterator[Room], sort: Sort, limit: int | None) -> list[Room]:
    """Sort by name from A, by time from the oldest or newest, by number from the greatest.

    What is unknown comes last.
    """
    found = [room async for room in rooms]
    key = _key(sort)
    return sorted(found, key=key) if limit is None else heapq.nsmallest(limit, found, key=key)


def _key(sort: Sort) -> Callable[[Room], Any]:
    def key(room: Room) -> tuple[bool, Any, str]:
        value = getattr(room, sort.value)
        if isinstance(value, datetime):
            value = -value.timestamp() if sort is Sort.OLDEST else value.timestamp()
        rank = -value if isinstance(value, int | float) else value
        return value is None, 0 if value is None else rank, room.group

    return key
