"""Where the messages of a recording go in this project."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from chatops.model.message import Gap, Message
from chatops.model.target import Target
from chatops.project.rooms import RoomNames, target


def routes(
    names: RoomNames, renamed: Mapping[str, str], only: str | None
) -> Callable[[Message | Gap], Target | None]:
    """Return what routes each message, `None` for one in a room that `only` does not match.

    Rooms go by the application's word, because groups may be named otherwise here; what was in
    no room goes to its group. Raises `BadValue` for what is no room's name here.
    """
    new = {old: target(names, room) for old, room in renamed.items()}

    def route(message: Message | Gap) -> Target | None:
        where = message.room or message.group or ""
        if only is not None and not fnmatchcase(where, only):
            return None
        if where in new:
            return new[where]
        if message.room is None:
            return target(names, where, is_group=True)
        return target(names, message.room)

    return route
