"""How fast a broadcast goes, and how far it is."""

import asyncio
import time

from chatops.model.waiting import Progress

_MOST, _TOGETHER = 1000, 10_000
_BEATS = 4
"""Batches a second, where somebody says how many rooms a second."""

_EVERY = 1.0
"""Seconds between two reports of progress."""


class Pace:
    """Lets so many rooms a second pass, or all that come; where a batch `waits`, more together."""

    def __init__(self, rate: float | None, total: int, *, waits: bool = False) -> None:
        self.size = _TOGETHER if waits else _MOST
        if rate is not None:
            self.size = max(1, min(_MOST, int(rate / _BEATS)))
        self._rate = rate
        self._total = total
        self._passed = 0
        self._started = self._told = time.monotonic()

    async def turn(self, count: int) -> None:
        """Wait until so many more may pass."""
        if self._rate is not None:
            due = self._started + self._passed / self._rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        self._passed += count

    def progress(self) -> Progress | None:
        """Return how far it is, from time to time, as long as there is more to come."""
        now = time.monotonic()
        if now - self._told < _EVERY or not 0 < self._passed < self._total:
            return None
        self._told = now
        per_s = self._passed / (now - self._started)
        left = (self._total - self._passed) / per_s
        what = f"{self._passed:,} of {self._total:,} rooms"
        return Progress(what=what, seconds=left, per_s=per_s)
