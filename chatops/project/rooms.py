"""The application's word for a group, and back."""

from dataclasses import dataclass
from typing import Protocol

from chatops.conf import Conf
from chatops.errors import BadSetting, BadValue, foreign
from chatops.model.target import Target
from chatops.project.load import imported


class RoomNames(Protocol):
    """What CHATOPS["ROOM_GROUP"] may name by its dotted path."""

    def group(self, room: str) -> str:
        """Return the group of a room; raise `ValueError` for what is no room's name."""
        ...

    def room(self, group: str) -> str | None:
        """Return the room of a group, `None` where the group belongs to no room."""
        ...


@dataclass(frozen=True, slots=True)
class Template:
    """Room names by a template such as `chat_{room}`."""

    before: str
    after: str

    def group(self, room: str) -> str:
        """Put the room into the template."""
        return f"{self.before}{room}{self.after}"

    def room(self, group: str) -> str | None:
        """Take the room out of the template."""
        if not (group.startswith(self.before) and group.endswith(self.after)):
            return None
        return group.removeprefix(self.before).removesuffix(self.after) or None


def room_names(conf: Conf) -> RoomNames:
    """Read CHATOPS["ROOM_GROUP"]; raises `BadSetting` where it is neither form."""
    before, mark, after = conf.room_group.partition("{room}")
    if mark:
        return Template(before, after)
    names = imported(conf.room_group, "ROOM_GROUP")
    if not (callable(getattr(names, "group", None)) and callable(getattr(names, "room", None))):
        raise BadSetting(
            f"CHATOPS['ROOM_GROUP'] = {conf.room_group!r} needs `group(room)` and `room(group)`, "
            "or be a template with {room}."
        )
    return names  # type: ignore[no-any-return] # just found to have the two methods


def target(names: RoomNames, word: str, *, is_group: bool = False) -> Target:
    """Turn what a user typed into a target; `is_group` takes it as a group, untouched."""
    if is_group:
        return Target(room=names.room(word), group=word)
    if not word or any(letter in word for letter in "*?["):
        raise BadValue(f"{word!r} is not a room's name: this takes one, whole and no pattern.")
    with foreign(BadValue, f"{word!r} is not a room's name"):
        return Target(room=word, group=names.group(word))
