"""Where the messages of a recording go in this project."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from chatops.errors import BadValue
from chatops.model.message import Gap, Message
from chatops.model.target import Target
from chatops.project.rooms import RoomNames, target


class Routes:
    """Says where each message goes: `None` for one in a room that `only` does not match.

    Rooms go by the application's word, because groups may be named otherwise here; what was in
    no room goes to its group. Raises `BadValue` for what is no room's name here.
    """

    def __init__(self, names: RoomNames, renamed: Mapping[str, str], only: str | None) -> None:
        self._names = names
        self._renamed = {old: target(names, room) for old, room in renamed.items()}
        self._only = only
        self._unmet = set(renamed)

    def __call__(self, message: Message | Gap) -> Target | None:
        """Route one."""
        where = message.room or message.group or ""
        if self._only is not None and not fnmatchcase(where, self._only):
            return None
        if where in self._renamed:
            self._unmet.discard(where)
            return self._renamed[where]
        return target(self._names, where, is_group=message.room is None)

    def require_met(self) -> None:
        """Raise `BadValue` where nothing was in a room that is renamed: its name is mistyped."""
        if self._unmet:
            raise BadValue(
                f"--map: nothing that is to be sent was in {', '.join(sorted(self._unmet))}. "
                "--dry-run without --map shows the rooms."
            )
