"""What a socket waits with; asyncio's own take two kilobytes of each, idle or not."""

import asyncio
from collections import deque
from typing import Any


class Mailbox:
    """An `asyncio.Queue` for one reader, which is nothing while it is empty."""

    __slots__ = ("_events", "_waiter")

    def __init__(self) -> None:
        self._events: deque[Any] | None = None
        self._waiter: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        """Tell whether nothing waits."""
        return self._events is None

    def put_nowait(self, event: Any) -> None:  # noqa: ANN401 - one of ASGI's
        """Keep an event, and wake who waits for one."""
        if self._events is None:
            self._events = deque()
        self._events.append(event)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def arrival(self) -> "asyncio.Future[None]":
        """Return what is done when something comes, for who found nothing: one reader."""
        self._waiter = asyncio.get_running_loop().create_future()
        return self._waiter

    def get_nowait(self) -> Any:  # noqa: ANN401 - see above
        """Take the next event; raises where there is none."""
        if self._events is None:
            raise asyncio.QueueEmpty
        event = self._events.popleft()
        if not self._events:
            self._events = None
        return event


class Gate:
    """An `asyncio.Event` that is set, until it is cleared."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event: asyncio.Event | None = None

    def is_set(self) -> bool:
        """Tell whether nobody has to wait."""
        return self._event is None

    def clear(self) -> None:
        """Have whoever comes wait."""
        if self._event is None:
            self._event = asyncio.Event()

    def set(self) -> None:
        """Let all go on."""
        if self._event is not None:
            self._event.set()
            self._event = None

    async def wait(self) -> None:
        """Return once it is set."""
        if self._event is not None:
            await self._event.wait()
