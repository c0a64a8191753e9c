"""This server process's sockets, kept written in the database while they are open.

Memory is the truth and the rows are a copy: what could not be written, or was swept while
this process slept, is written again with the next beat.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from channels.db import database_sync_to_async
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone

from chat.models import BEAT, Presence, Server

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Socket:
    room: str
    name: str
    person: str
    joined_at: datetime


class Register:
    """Who is here, of the sockets that this process holds."""

    def __init__(self) -> None:
        self._sockets: dict[UUID, _Socket] = {}
        self._server = uuid4()
        self._task: asyncio.Task[None] | None = None
        self._behind = False  # whether the rows may differ from memory

    async def enter(self, key: UUID, room: str, name: str, person: str) -> None:
        """Write down a socket under a key of the caller's, with which it leaves again."""
        now = timezone.now()
        self._sockets[key] = socket = _Socket(room=room, name=name, person=person, joined_at=now)
        if self._beating():
            await self._write(lambda: self._insert({key: socket}))
        else:
            self._start()
            await self._write(self._rewrite)

    async def rename(self, key: UUID, name: str) -> None:
        """Write down that a socket's person goes by another name."""
        self._sockets[key] = replace(self._sockets[key], name=name)
        await self._write(lambda: Presence.objects.filter(pk=key).update(name=name))

    async def leave(self, key: UUID) -> None:
        """Strike out a socket."""
        self._sockets.pop(key, None)
        if not self._sockets and self._task is not None:
            self._task.cancel()  # no more signs of life; the server's row is swept by others
            self._task = None
        await self._write(lambda: Presence.objects.filter(pk=key).delete())

    def _beating(self) -> bool:
        return (
            self._task is not None
            and not self._task.done()
            and self._task.get_loop() is asyncio.get_running_loop()
        )

    def _start(self) -> None:
        # A new id after a pause or a fork: rows of a former life are never taken for ours.
        self._server = uuid4()
        self._task = asyncio.create_task(self._beat(), name="chat presence")

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            await self._write(self._renew)

    async def _write(self, work: Callable[[], object]) -> None:
        """Do the work in the database's thread; a database that fails never ends a socket."""
        try:
            await database_sync_to_async(work)()
        except DatabaseError as error:
            self._behind = True
            logger.warning("Who is here could not be written (%s); will try again.", error)

    def _renew(self) -> None:
        alive = Server.objects.filter(pk=self._server).update(seen_at=timezone.now())
        if self._behind or not alive:
            self._rewrite()
        Server.objects.gone().delete()

    def _rewrite(self) -> None:
        with transaction.atomic():
            Server.objects.update_or_create(pk=self._server, defaults={"seen_at": timezone.now()})
            Presence.objects.filter(server_id=self._server).delete()
            self._insert(dict(self._sockets))
        self._behind = False

    def _insert(self, sockets: dict[UUID, _Socket]) -> None:
        Presence.objects.bulk_create(
            (
                Presence(
                    id=key,
                    server_id=self._server,
                    room=socket.room,
                    name=socket.name,
                    person=socket.person,
                    joined_at=socket.joined_at,
                )
                for key, socket in sockets.items()
            ),
            # A rewrite in between may have written it already.
            ignore_conflicts=True,
        )


register = Register()
