"""Who is in one room, over all server processes, as this one knows it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from chat.models import Presence, RoomState

Row = tuple[str, str, str, str, bool]
"""One socket: its key, its server, and its person's author, name, and whether they are a guest."""


@dataclass(slots=True)
class Person:
    """Somebody in the room, however many sockets they have there."""

    author: str
    name: str
    guest: bool
    sockets: int = 0

    def frame(self) -> dict[str, Any]:
        """Return what is told of them."""
        return {"id": self.author, "name": self.name, "guest": self.guest}


class People:
    """Follows what `ledger` wrote.

    The changes of one server come in order, and no two servers have a socket in common; so they
    are taken as they come. After `read`, all must be given again that came while it was read.
    """

    def __init__(self) -> None:
        self.by_author: dict[str, Person] = {}
        self.touched: list[str] = []  # in order, since the caller emptied it
        self.turn = 0  # up to which nothing is missing
        self._ahead: set[int] = set()
        self._sockets: dict[str, tuple[str, str]] = {}  # key: server, author
        self._servers: dict[str, set[str]] = {}  # server: keys

    def read(self, turn: int, rows: Collection[Row]) -> None:
        """Take what the database has, which nothing up to `turn` is missing of."""
        self.turn, self._ahead = turn, set()
        gone = self._sockets.keys() - {row[0] for row in rows}
        for key, server, author, name, guest in rows:
            self._come(key, server, Person(author, name, guest))
        for key in gone:
            self._go(key)

    def change(self, event: Mapping[str, Any]) -> None:
        """Take what an event says that `attendance.Change` made, unless it is known."""
        if event["turn"] <= self.turn or event["turn"] in self._ahead:
            return
        server, came, went = event["server"], event["came"], event["went"]
        if event["whole"]:
            went = self._servers.get(server, set()) - {each[0] for each in came}
        for key, author, name, guest in came:
            self._come(key, server, Person(author, name, guest))
        for key in list(went):
            self._go(key)
        self._ahead.add(event["turn"])
        while self.turn + 1 in self._ahead:
            self.turn += 1
            self._ahead.discard(self.turn)

    def only(self, alive: Collection[str]) -> set[str]:
        """Drop the sockets of servers that are not among these; return those servers."""
        silent = self._servers.keys() - alive
        for server in silent:
            for key in list(self._servers[server]):
                self._go(key)
        return silent

    def _come(self, key: str, server: str, as_told: Person) -> None:
        author = as_told.author
        person = self.by_author.setdefault(author, as_told)
        person.name, person.guest = as_told.name, as_told.guest
        if key not in self._sockets:
            self._sockets[key] = server, author
            self._servers.setdefault(server, set()).add(key)
            person.sockets += 1
        self.touched.append(author)

    def _go(self, key: str) -> None:
        server, author = self._sockets.pop(key, ("", ""))
        if not author:
            return
        self._servers[server].discard(key)
        if not self._servers[server]:
            del self._servers[server]
        person = self.by_author[author]
        person.sockets -= 1
        if not person.sockets:
            del self.by_author[author]
        self.touched.append(author)


def rows_of(room: str) -> tuple[int, list[Row]]:
    """Read a room's number of changes, and then its sockets; blocks on the database."""
    state = RoomState.objects.filter(name=room).values_list("people", flat=True).first()
    here = Presence.objects.here().filter(room=room).order_by("joined_at")
    rows = here.values_list("id", "server_id", "person", "name", "guest")
    return state or 0, [
        (key.hex, server.hex, author, name, guest) for key, server, author, name, guest in rows
    ]
