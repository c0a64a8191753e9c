"""The CHATOPS setting."""

from typing import Any

import pytest

from chatops.conf import Conf, read
from chatops.errors import BadSetting
from chatops.model.target import Target
from chatops.project.rooms import room_names, target


@pytest.mark.parametrize(
    ("setting", "culprit"),
    [
        ([], "CHATOPS must be a dict"),
        ({"ROOM_GRUOP": "x"}, "ROOM_GRUOP"),
        ({"ROOM_GROUP": 3}, "ROOM_GROUP"),
        ({"BROADCAST_EVENT": ["x"]}, "BROADCAST_EVENT"),
        ({"PREPARE_LAYER": {}}, "PREPARE_LAYER"),
    ],
)
def test_a_wrong_setting_is_named(setting: Any, culprit: str) -> None:
    with pytest.raises(BadSetting, match=culprit):
        read(setting)


def test_no_setting_means_the_tutorials_groups() -> None:
    names = room_names(read({}))

    assert names.group("lobby") == "chat_lobby"
    assert names.room("chat_lobby") == "lobby"
    assert names.room("news") is None


class Floors:
    """An object as CHATOPS["ROOM_GROUP"] may name one."""

    def group(self, room: str) -> str:
        if not room.isdigit():
            raise ValueError("a floor is a number")
        return f"floor.{room}"

    def room(self, group: str) -> str | None:
        return group.removeprefix("floor.") if group.startswith("floor.") else None


floors = Floors()


def test_a_projects_own_object_names_the_rooms() -> None:
    names = room_names(Conf(room_group=f"{__name__}.floors"))

    assert target(names, "3") == Target(room="3", group="floor.3")
    assert target(names, "floor.3", is_group=True) == Target(room="3", group="floor.3")
    assert target(names, "other", is_group=True) == Target(room=None, group="other")


def test_an_object_without_its_two_methods_is_refused() -> None:
    with pytest.raises(BadSetting, match="needs `group\\(room\\)`"):
        room_names(Conf(room_group=f"{__name__}.ANSWER"))


ANSWER = 42


def test_an_object_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadSetting, match="cannot be imported"):
        room_names(Conf(room_group="nowhere.to.be.found"))
