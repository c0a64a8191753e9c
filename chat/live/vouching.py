"""Whom the open sockets speak for, looked at all at once, for those who only read.

An account may be signed out or locked by now, and what a guest is called may be an account's.
"""

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session

from chat.live import identity
from chat.models import Name
from chat.protocol import likeness
from chat.records import database

if TYPE_CHECKING:
    from chat.live.identity import Stamp
    from chat.live.speaker import Speaker

LOOK_EVERY = 10.0
"""Seconds between two looks."""

AT_ONCE = 500
"""Sockets asked about at once."""


class Vouching:
    """The sockets of one event loop, each with what is done where it has to be looked into."""

    def __init__(self) -> None:
        self._open: dict[Speaker, Callable[[], Awaitable[None]]] = {}
        self._next = 0.0

    def begin(self, speaker: "Speaker", doubted: Callable[[], Awaitable[None]]) -> None:
        """Look at a speaker now and then, until `end`."""
        self._open[speaker] = doubted

    def end(self, speaker: "Speaker") -> None:
        """Look at a speaker no more."""
        self._open.pop(speaker, None)

    async def look(self) -> None:
        """Look at all, where it is time; raises one of `database.AWAY`."""
        if monotonic() < self._next:
            return
        self._next = monotonic() + LOOK_EVERY
        speakers = list(self._open)
        for start in range(0, len(speakers), AT_ONCE):
            some = speakers[start : start + AT_ONCE]
            found = await database.reading.run(lambda: _doubtful(some))  # noqa: B023 - awaited here
            for speaker, stamp in found.items():
                if doubted := self._open.get(speaker):
                    speaker.stamp = stamp
                    await doubted()


def _doubtful(speakers: Sequence["Speaker"]) -> "dict[Speaker, Stamp]":
    accounts = [each for each in speakers if each.account]
    guests = {each: likeness.of(each.name) for each in speakers if not each.account}
    users = get_user_model()._default_manager.in_bulk({each.user.pk for each in accounts})  # noqa: SLF001 - documented
    stamps = {each: identity.stamp(users.get(each.user.pk)) for each in accounts}
    sessions = Session.objects.filter(session_key__in={each.stored_under for each in accounts})
    there = {None, *sessions.values_list("session_key", flat=True)}
    names = Name.objects.filter(room="", likeness__in=set(guests.values()))
    taken = set(names.values_list("likeness", flat=True))
    return {
        **{
            each: stamp
            for each, stamp in stamps.items()
            if stamp != each.stamp or each.stored_under not in there
        },
        **{each: () for each, like in guests.items() if like in taken},
    }
