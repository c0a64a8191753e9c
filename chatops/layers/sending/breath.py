"""No subscriber is sent more than it can take: a server cuts off whose output buffer is full.

By default it does so at 32 MB, or at 8 MB for a minute, and all that the process was subscribed
to is lost to it until it comes back.
"""

import asyncio
import re
import time
from collections.abc import Callable

from chatops.layers.bare import packed
from chatops.layers.sending.wire import Wire

SOME = 2 << 20
"""Bytes that are sent before anybody looks."""

_MUCH = 4 << 20
"""Bytes on the way to one subscriber that are waited for."""

PATIENCE = 5.0
"""Seconds for which a subscriber may take nothing before nobody waits for it any more."""

_PAUSE = 0.01
_CLIENTS = packed(b"CLIENT", b"LIST", b"TYPE", b"PUBSUB")
_WAITING = re.compile(rb" omem=(\d+)")


class Breath:
    """Counts what goes to one server, and waits for its subscribers."""

    def __init__(self, wire: Wire, told: Callable[[str], None]) -> None:
        self._wire = wire
        self._told = told
        self._size = 0
        self._has_told = False
        self._is_stuck = False

    async def take(self, size: int) -> None:
        """Return once those before so many bytes are on their way; a stuck one is let be."""
        self._size += size
        if self._size < SOME:
            return
        self._size = 0
        least, since = await self._fullest(), time.monotonic()
        self._is_stuck &= least > _MUCH
        most = 0 if self._is_stuck else least
        while most > _MUCH:
            self._tell(most)
            await asyncio.sleep(_PAUSE)
            most = await self._fullest()
            if most < least:
                least, since = most, time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                self._is_stuck = True
                return

    def _tell(self, most: int) -> None:
        if not self._has_told:
            self._has_told = True
            self._told(f"waiting for a process: {most >> 20} MB are on their way to it")

    async def _fullest(self) -> int:
        """Return how much waits for the slowest subscriber; 0 where the server does not say."""
        for told in (await self._wire.ask([_CLIENTS], 1)).answers:
            if isinstance(told, bytes):
                return max(map(int, _WAITING.findall(told)), default=0)
        return 0
