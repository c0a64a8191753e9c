"""All that is sent in one turn of the event loop, at its end and at once.

A thousand sockets that hear the same are a plain loop here: no task wakes for each. What a busy
room says meanwhile is read in the next turn, all of it, and goes out in one frame for each.
"""

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from chat.live.outgoing import Outgoing


class Frames:
    """Frames of several events; who gets the same events gets the same text."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: dict[tuple[str, ...], str] = {}

    def batch(self, texts: list[str]) -> str:
        """Return one frame with these events."""
        key = tuple(texts)
        frame = self._made.get(key)
        if frame is None:
            frame = self._made[key] = '{"type": "batch", "events": [' + ", ".join(texts) + "]}"
        return frame


class Turn:
    """The sockets of one event loop that have something to send."""

    def __init__(self) -> None:
        self._due: list[Outgoing] = []

    def add(self, outgoing: "Outgoing") -> None:
        """Have a socket's buffer sent soon."""
        if not self._due:
            asyncio.get_running_loop().call_soon(self._flush)
        self._due.append(outgoing)

    def _flush(self) -> None:
        due, self._due = self._due, []
        frames = Frames()
        for outgoing in due:
            outgoing.flush(frames)


_turns: "WeakKeyDictionary[asyncio.AbstractEventLoop, Turn]" = WeakKeyDictionary()


def turn() -> Turn:
    """Return the turn of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _turns:
        _turns[loop] = Turn()
    return _turns[loop]
