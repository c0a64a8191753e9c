"""Telling those who watch a room who is in it, and who is typing."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any

from chat.live import replies
from chat.live.listing import LISTED, Listing
from chat.live.people import People, Row

if TYPE_CHECKING:
    from chat.live.audience import Member

PAUSE = 0.1
"""Seconds between two tellings, in which more may happen."""

BIG_PAUSE = 1.0
"""… where there are more people than are named."""

TYPING_PAUSE = 0.1
"""Seconds between two words of who is typing; more at once are no news."""


class Crowd:
    """The people of one room, and who here is told of them.

    Nothing is known before somebody watches: `wanted` is called, which has `read` called.
    """

    def __init__(self, wanted: Callable[[], None]) -> None:
        self._wanted = wanted
        self._watchers: set[Member] = set()
        self._telling: asyncio.TimerHandle | None = None
        self._told_at = self._typed_at = 0.0
        self._forget()

    def _forget(self) -> None:
        self._people = People()
        self._listing = Listing()
        self._known = False
        self._unread: list[Mapping[str, Any]] | None = None  # while the database is being read

    @property
    def watched(self) -> bool:
        """Whether anybody here wants to know."""
        return bool(self._watchers)

    @property
    def alone(self) -> bool:
        """Whether one person is here, as far as anybody watches."""
        return self._known and len(self._people.by_author) == 1

    @property
    def turn(self) -> int:
        """The number of changes up to which nothing is missing."""
        return self._people.turn

    def watch(self, member: "Member") -> None:
        """Tell a socket who is here, now and whenever it changes."""
        self._watchers.add(member)
        if self._known:
            member.outgoing.put(self._listing.snapshot())
        else:
            self._wanted()

    def leave(self, member: "Member") -> None:
        """Tell a socket no more; with the last, all is forgotten."""
        self._watchers.discard(member)
        if not self._watchers:
            self._forget()

    def reading(self) -> None:
        """Keep what is heard from now on until `read`, which may be older."""
        self._unread = []

    def read(self, turn: int, rows: Collection[Row]) -> None:
        """Take what the database has."""
        if not self._watchers:
            return
        self._people.read(turn, rows)
        unread, self._unread = self._unread or [], None
        for event in unread:
            self._people.change(event)
        if self._known:
            self._tell()
            return
        self._known = True
        self._listing.follow(self._people)
        for member in self._watchers:
            member.outgoing.put(self._listing.snapshot())

    def heard(self, event: Mapping[str, Any]) -> None:
        """Take what a process wrote down."""
        if not self._watchers:
            return
        if self._unread is not None:
            self._unread.append(event)
        self._people.change(event)
        self._tell_soon()

    def only(self, alive: Collection[str]) -> set[str]:
        """Drop the people of server processes that are not among these; return those."""
        dropped = self._people.only(alive)
        self._tell_soon()
        return dropped

    def typing(self, author: str, name: str) -> None:
        """Tell that somebody is typing, but not to themselves."""
        now = monotonic()
        if not self._watchers or now < self._typed_at + TYPING_PAUSE:
            return
        self._typed_at = now
        text = replies.typing(author, name)
        for member in self._watchers:
            if member.author != author:
                member.outgoing.put(text)

    def _tell_soon(self) -> None:
        if not self._known or self._telling is not None or not self._people.touched:
            return
        pause = BIG_PAUSE if self._listing.count > LISTED else PAUSE
        wait = max(0.0, self._told_at + pause - monotonic())
        self._telling = asyncio.get_running_loop().call_later(wait, self._tell)

    def _tell(self) -> None:
        self._telling = None
        self._told_at = monotonic()
        text = self._listing.follow(self._people) if self._known else None
        if text is not None:
            for member in self._watchers:
                member.outgoing.put(text)
