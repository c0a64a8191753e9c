"""This server process's sockets, kept written in the database while they are open.

Memory is the truth and the rows are a copy: what could not be written, or was swept while
this process slept, is written again with the next beat.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from chat.models import BEAT, BEATS, Server
from chat.protocol.attendance import Answer, Arrive, Change, Leave, Rename, Seat, Wish
from chat.records import claims, database, ledger, rows
from chat.records.grouped import Grouped

logger = logging.getLogger(__name__)

SWEEP_EVERY = 240
"""Beats between two looks for names that nobody uses any more."""

STEADY = 3
"""Beats in time, in a row, after which a server may judge others by their silence: who could not
write for a while cannot know that they could."""


class Register:
    """Who is here, of the sockets of one event loop; `told` hears what changed in which room."""

    def __init__(self, told: Callable[[str, dict[str, Any]], None]) -> None:
        self._told = told
        self._seats: dict[UUID, Seat] = {}
        # A new id after a fork or a loop's end: rows of a former life are never taken for ours.
        self.server = uuid4()
        self._task: asyncio.Task[None] | None = None
        self._behind = False  # whether the rows may differ from memory
        self._written = False  # whether our own row should be there
        self._beats = 0  # in time, in a row
        self._beaten_at = 0.0
        self._grouped: Grouped[Wish, Answer] = Grouped(self._attend)

    @property
    def steady(self) -> bool:
        """Whether our own signs of life were written in time, as others' then could be."""
        return self._beats >= STEADY and monotonic() < self._beaten_at + BEATS.total_seconds()

    async def enter(self, seat: Seat) -> Answer:
        """Write down a socket under the name that its person gets; raises `database.AWAY`."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._beat(), name="chat presence")
        self._seats[seat.key] = seat  # first: a beat may fall in between
        try:
            answer = await self._grouped.ask(Arrive(seat))
        except database.AWAY:
            del self._seats[seat.key]
            raise
        if answer.name is None:
            del self._seats[seat.key]
        else:
            self._seats[seat.key] = replace(seat, name=answer.name)
        return answer

    async def rename(self, key: UUID, name: str, *, must: bool) -> str | None:
        """Write down another name of a socket's person; None where somebody else has it.

        Raises `database.AWAY`.
        """
        was = self._seats[key].name
        seat = replace(self._seats[key], name=name)
        if not seat.guest and name == was:
            return name
        answer = await self._grouped.ask(Rename(seat, must, was))
        if answer.name is not None and key in self._seats:
            self._seats[key] = replace(seat, name=answer.name)
        return answer.name

    def called(self, key: UUID, name: str) -> None:
        """Take the name that is written down for a socket's person."""
        if key in self._seats:
            self._seats[key] = replace(self._seats[key], name=name)

    async def leave(self, key: UUID) -> None:
        """Strike out a socket."""
        seat = self._seats.pop(key, None)
        if seat is None:
            return
        try:
            await self._grouped.ask(Leave(seat))
        except database.AWAY as error:
            self._failed(error)
        if not self._seats and self._task is not None:
            self._task.cancel()  # no more signs of life; the server's row is swept by others
            self._task, self._written = None, False

    async def _attend(self, wishes: Sequence[Wish]) -> list[Answer]:
        answers, changes, there = await database.writing.run(
            lambda: ledger.attend(self.server, wishes)
        )
        if self._written and not there:  # we were silent for too long, and swept
            self._behind = True
        self._written = True
        self._tell(changes)
        return answers

    async def _beat(self) -> None:
        beats = self._beats = 0
        while True:
            await asyncio.sleep(BEAT)
            beats += 1
            try:
                self._tell(await database.writing.run(self._renew))
                self._count()
                if self.steady:
                    await database.writing.run(Server.objects.gone().delete)
                if beats % SWEEP_EVERY == 0:
                    await database.writing.run(claims.forget_old)
            except database.AWAY as error:
                self._failed(error)

    def _count(self) -> None:
        late = monotonic() > self._beaten_at + BEATS.total_seconds()
        self._beats = 1 if late else self._beats + 1
        self._beaten_at = monotonic()

    def _renew(self) -> Mapping[str, Change]:
        if self._behind or not rows.alive(self.server):
            changes = ledger.rewrite(self.server, list(self._seats.values()))
            self._behind = False
            return changes
        return {}

    def _tell(self, changes: Mapping[str, Change]) -> None:
        for room, change in changes.items():
            self._told(room, change.event(self.server))

    def _failed(self, error: Exception) -> None:
        self._behind = True
        logger.warning("Who is here could not be written (%s); will try again.", error)
