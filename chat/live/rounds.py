"""What a server process does once a second, as long as anybody is there."""

import asyncio
import logging
from collections.abc import Mapping
from time import monotonic

from chat.broker.publisher import Publisher
from chat.live.lookout import Here, Lookout
from chat.live.vouching import Vouching
from chat.records import database

logger = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two rounds."""

STAY_EVERY = 600.0
"""Seconds between two joins of a group that this process is in; layers forget after a day."""


class Rounds:
    """Looks into the database, after the broker, and at whom the sockets speak for."""

    def __init__(
        self,
        rooms: Mapping[str, Here],
        publisher: Publisher,
        lookout: Lookout,
        vouching: Vouching,
    ) -> None:
        self._rooms = rooms
        self._publisher = publisher
        self._lookout = lookout
        self._vouching = vouching
        self._going: asyncio.Task[None] | None = None
        self._stay_at = monotonic() + STAY_EVERY

    def begin(self) -> None:
        """Go, where this is not under way."""
        if self._going is None or self._going.done():
            self._going = asyncio.create_task(self._go(), name="chat looks")

    def end(self) -> None:
        """Go no more."""
        if self._going is not None:
            self._going.cancel()

    def join_again(self) -> None:
        """Join all groups with the next round: a fresh broker knows none of them."""
        self._stay_at = monotonic()

    async def _go(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            if self._publisher.away:
                if not any(here.listener.deaf for here in self._rooms.values()):
                    self._publisher.try_again()
            elif monotonic() > self._stay_at:
                self._stay_at = monotonic() + STAY_EVERY
                self._staying = asyncio.create_task(self._stay(), name="chat stays")
            try:
                await self._lookout.look(at_once=self._publisher.away)
                await self._vouching.look()
            except database.AWAY as error:
                logger.warning("What was said could not be looked for: %s", error)

    async def _stay(self) -> None:
        for here in list(self._rooms.values()):
            await here.listener.stay()
