"""What the operations do, on real layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from broadcasts import collected

from chatops.conf import Conf
from chatops.model.target import Target
from chatops.operations.rooms import list_rooms
from chatops.project.rooms import room_names

if TYPE_CHECKING:
    from application import Application

    from chatops.layers.base import LayerAdapter

LOBBY = Target(room="lobby", group="chat_lobby")
NAMES = room_names(Conf())


# ---------------------------------------------------------------- rooms


async def test_rooms_are_matched_by_the_applications_word(
    layer: LayerAdapter, app: Application
) -> None:
    for group in ("chat_lobby", "chat_support-1", "chat_support-2", "news"):
        await app.join(group)

    found = await collected(list_rooms(layer, NAMES, "support-*"))
    everything = await collected(list_rooms(layer, NAMES, "*"))

    assert sorted(room.room for room in found) == ["support-1", "support-2"]
    assert {(room.room, room.group) for room in everything} >= {(None, "news")}
    assert len(everything) == 4


async def test_the_groups_of_a_check_are_no_rooms(layer: LayerAdapter, app: Application) -> None:
    await app.join("chatops.probe.0123")

    assert await collected(list_rooms(layer, NAMES, "*")) == []
