"""How much one person may ask of this process, through however many sockets."""

import time
from collections.abc import Callable

from django.conf import settings

BURST: int = getattr(settings, "CHAT_BURST", 20)
PER_SECOND = float(getattr(settings, "CHAT_PER_SECOND", 5))
PATIENCE = 200  # frames refused in a row before the socket is closed

NAMES, NAMES_PER_SECOND = 10, 0.1
SOCKETS = 50
KEPT = 1_000  # allowances below which none is looked for that nobody needs


class Flood:
    """A token bucket."""

    __slots__ = ("_burst", "_clock", "_filled_at", "_per_second", "_refused", "_tokens")

    def __init__(
        self,
        burst: float = BURST,
        per_second: float = PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst, self._per_second = burst, per_second
        self._clock = clock
        self._tokens = float(burst)
        self._filled_at = clock()
        self._refused = 0

    def allow(self) -> bool:
        """Take a token; tell whether there was one."""
        self._fill()
        if self._tokens < 1:
            self._refused += 1
            return False
        self._tokens -= 1
        self._refused = 0
        return True

    @property
    def full(self) -> bool:
        """Tell whether a new one would allow no more."""
        self._fill()
        return self._tokens >= self._burst

    @property
    def hopeless(self) -> bool:
        """Tell whether so many frames in a row were refused that talking is no use."""
        return self._refused > PATIENCE

    def _fill(self) -> None:
        now = self._clock()
        more = (now - self._filled_at) * self._per_second
        self._tokens = min(float(self._burst), self._tokens + more)
        self._filled_at = now


class Allowance:
    """What one person's sockets share."""

    __slots__ = ("frames", "names", "sockets")

    def __init__(self) -> None:
        self.frames = Flood()
        self.names = Flood(NAMES, NAMES_PER_SECOND)
        self.sockets = 0

    def leave(self) -> None:
        """Count a socket out."""
        self.sockets -= 1


class Allowances:
    """Everybody's, kept until it is full again: coming back brings no fresh one."""

    def __init__(self) -> None:
        self._by_author: dict[str, Allowance] = {}
        self._sweep_at = KEPT

    def come(self, author: str) -> Allowance | None:
        """Count a socket in, until its `leave`; None where its person has too many."""
        allowance = self._by_author.get(author)
        if allowance is None:
            self._sweep()
            allowance = self._by_author[author] = Allowance()
        if allowance.sockets >= SOCKETS:
            return None
        allowance.sockets += 1
        return allowance

    def _sweep(self) -> None:
        if len(self._by_author) < self._sweep_at:
            return
        self._by_author = {
            author: each
            for author, each in self._by_author.items()
            if each.sockets or not (each.frames.full and each.names.full)
        }
        self._sweep_at = max(KEPT, 2 * len(self._by_author))
