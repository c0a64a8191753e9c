"""How much one socket may say."""

import time
from collections.abc import Callable

from django.conf import settings

BURST: int = getattr(settings, "CHAT_BURST", 20)
PER_SECOND = float(getattr(settings, "CHAT_PER_SECOND", 5))
PATIENCE = 200  # frames refused in a row before the socket is closed


class Flood:
    """A token bucket for one socket's frames."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tokens = float(BURST)
        self._filled_at = clock()
        self._refused = 0

    def allow(self) -> bool:
        """Take a token for one frame; tell whether there was one."""
        now = self._clock()
        self._tokens = min(float(BURST), self._tokens + (now - self._filled_at) * PER_SECOND)
        self._filled_at = now
        if self._tokens < 1:
            self._refused += 1
            return False
        self._tokens -= 1
        self._refused = 0
        return True

    @property
    def hopeless(self) -> bool:
        """Tell whether so many frames in a row were refused that talking is no use."""
        return self._refused > PATIENCE
