"""From a feed into a spool; what does not fit is counted."""

import time

from chatops.layers.clock import elapsed
from chatops.layers.listening.feed import Feed, Frame
from chatops.layers.listening.spool import Spool
from chatops.model.message import Hole

_STOPPED = "we were stopped or too slow"


class Overrun(Exception):
    """There is no room, and nobody knows where the next message begins."""


class Pour:
    """Puts frames into the spool, and where that is nearly full, holes in their place.

    The last quarter is for what comes until the frames are exact, and for words.
    """

    def __init__(self, feed: Feed, spool: Spool) -> None:
        self._feed = feed
        self._spool = spool
        self._since: float | None = None
        self._missed: int | None = 0

    def add(self, frame: Frame) -> None:
        """Put a frame in, or count it; raises `Overrun` where it cannot be counted."""
        self.look()
        if frame.messages and (self._since is not None or self._spool.left < self._spool.size // 4):
            self._miss(frame.messages)
        elif not self._spool.put(frame):
            if frame.messages is None and frame.hole is None:
                self.overrun()
                raise Overrun
            self._miss(frame.messages)

    def overrun(self) -> None:
        """Miss what nobody counts, from now on."""
        self._miss(None)

    def _miss(self, messages: int | None) -> None:
        if self._since is None:
            self._since, self._missed = elapsed(), 0
        known = self._missed is not None and messages is not None
        self._missed = (self._missed or 0) + (messages or 0) if known else None

    def look(self) -> bool:
        """Tell what was missed, once half of the spool is free; returns whether nothing is."""
        if self._since is not None and self._spool.left > self._spool.size // 2:
            seconds = round(elapsed() - self._since, 3)
            hole = Hole(seconds=seconds, reason=_STOPPED, missed=self._missed)
            if self._spool.put(Frame(-1, time.time(), hole=hole)):
                self._since = None
        self._feed.exact = self._since is not None or self._spool.left < self._spool.size // 4
        return self._since is None
