"""Telling the other processes, as fast as the broker takes it and no faster."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer

from chat.broker.layer import AWAY, patiently, send_all

logger = logging.getLogger(__name__)

MOST = 10_000
"""Events that may wait. What is dropped the others find in the database, a moment later."""

AT_ONCE = 200

NOBODY = "chat-.nobody"
"""A group that no room has: what is sent there only shows that the broker takes it."""


class Publisher:
    """Sends events to groups in order; knows whether the broker takes them."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.away = False
        self._changed = changed
        self._events: deque[tuple[str, dict[str, Any]]] = deque(maxlen=MOST)
        self._task: asyncio.Task[None] | None = None

    def put(self, group: str, event: dict[str, Any]) -> None:
        """Have an event sent; while the broker is away it is dropped."""
        if not self.away:
            self._put(group, event)

    def try_again(self) -> None:
        """Find out whether the broker is back."""
        if not self._events:
            self._put(NOBODY, {"type": "chat.nothing"})

    def _put(self, group: str, event: dict[str, Any]) -> None:
        self._events.append((group, event))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="chat publishes")

    def failed(self) -> None:
        """Take note that the broker is away."""
        self._events.clear()
        if not self.away:
            self.away = True
            self._changed()

    async def _run(self) -> None:
        while self._events:
            size = min(AT_ONCE, len(self._events))
            await self._send([self._events.popleft() for _ in range(size)])

    async def _send(self, events: list[tuple[str, dict[str, Any]]]) -> None:
        try:
            await patiently(send_all(get_channel_layer(), events))
        except AWAY as error:
            if not self.away:
                logger.warning("The channel layer is away: %r", error)
            self.failed()
        else:
            if self.away:
                self.away = False
                logger.warning("The channel layer is back.")
                self._changed()
