"""What a tail is pointed at: rooms and globs in the application's words, and their groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from chatops.errors import BadValue
from chatops.model.watched import Watched
from chatops.project.rooms import RoomNames, Template, target

_SPECIAL = "*?["
_KEPT = 100_000
"""Groups whose rooms are remembered, because others decide how many there are."""


class _Rooms(dict[str, str | None]):
    """The room of each group, asked of the application once."""

    def __init__(self, names: RoomNames, known: dict[str, str | None]) -> None:
        super().__init__(known)
        self._names = names

    def __missing__(self, group: str) -> str | None:
        room = self._names.room(group)
        if len(self) < _KEPT:
            self[group] = room
        return room


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which groups are watched, and how each is called."""

    words: tuple[str, ...]
    watched: Watched
    rooms: _Rooms

    def room(self, group: str) -> str | None:
        """Return the room of a group, `None` where it belongs to none."""
        return self.rooms[group]

    @property
    def only(self) -> str | None:
        """The group, where it is one and no more."""
        groups = self.watched.groups
        return groups[0] if len(groups) == 1 and not self.watched.globs else None


def scope(names: RoomNames, words: Sequence[str], *, is_group: bool = False) -> Scope:
    """Take what a user typed as rooms and globs, or with `is_group` as groups and their globs.

    Raises `BadValue` for what is no room's name.
    """
    words = tuple(dict.fromkeys(words))
    if "" in words:
        raise BadValue("'' is not a room's name.")
    globs = [word for word in words if any(letter in word for letter in _SPECIAL)]
    targets = [target(names, word, is_group=is_group) for word in words if word not in globs]

    def wanted(group: str) -> bool:
        name = group if is_group else names.room(group)
        return name is not None and any(fnmatchcase(name, glob) for glob in globs)

    return Scope(
        words=words,
        watched=Watched(
            groups=tuple(dict.fromkeys(each.group for each in targets)),
            globs=tuple(dict.fromkeys(_coarse(names, glob, is_group=is_group) for glob in globs)),
            wanted=wanted if globs else None,
        ),
        rooms=_Rooms(names, {each.group: each.room for each in targets}),
    )


def _coarse(names: RoomNames, glob: str, *, is_group: bool) -> str:
    """Return a glob of groups that is simple enough for any server, and matches no fewer."""
    start = glob[: min(glob.index(letter) for letter in _SPECIAL if letter in glob)]
    if is_group:
        return f"{start}*"
    if not isinstance(names, Template) or any(
        letter in names.before + names.after for letter in f"{_SPECIAL}\\"
    ):
        return "*"
    return f"{names.before}{start}*{names.after}"
