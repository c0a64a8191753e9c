"""This server process's sockets, kept written in the database while they are open.

Memory is the truth and the rows are a copy: what could not be written, or was swept while
this process slept, is written again with the next beat.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from chat.models import BEAT, Server
from chat.protocol.attendance import Answer, Arrive, Change, Leave, Rename, Seat, Wish
from chat.records import claims, database, ledger, rows
from chat.records.grouped import Grouped

logger = logging.getLogger(__name__)

SWEEP_EVERY = 240
"""Beats between two looks for names that nobody uses any more."""


class Register:
    """Who is here, of the sockets of one event loop; `told` hears what changed in which room."""

    def __init__(self, told: Callable[[str, dict[str, Any]], None]) -> None:
        self._told = told
        self._seats: dict[UUID, Seat] = {}
        # A new id after a fork or a loop's end: rows of a former life are never taken for ours.
        self.server = uuid4()
        self._task: asyncio.Task[None] | None = None
        self._behind = False  # whether the rows may differ from memory
        self._grouped: Grouped[Wish, Answer] = Grouped(self._attend)

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
            self._task = None

    async def _attend(self, wishes: Sequence[Wish]) -> list[Answer]:
        answers, changes = await database.writing.run(lambda: ledger.attend(self.server, wishes))
        self._tell(changes)
        return answers

    async def _beat(self) -> None:
        beats = 0
        while True:
            await asyncio.sleep(BEAT)
            beats += 1
            try:
                self._tell(await database.writing.run(self._renew))
                if beats % SWEEP_EVERY == 0:
                    await database.writing.run(claims.forget_old)
            except database.AWAY as error:
                self._failed(error)

    def _renew(self) -> Mapping[str, Change]:
        alive = Server.objects.filter(pk=self.server).exists()
        changes: Mapping[str, Change] = {}
        if self._behind or not alive:
            changes = ledger.rewrite(self.server, list(self._seats.values()))
            self._behind = False
        else:
            rows.alive(self.server)
        Server.objects.gone().delete()
        return changes

    def _tell(self, changes: Mapping[str, Change]) -> None:
        for room, change in changes.items():
            self._told(room, change.event(self.server))

    def _failed(self, error: Exception) -> None:
        self._behind = True
        logger.warning("Who is here could not be written (%s); will try again.", error)
