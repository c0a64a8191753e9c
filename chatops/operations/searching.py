"""Search by a regular expression that somebody typed, which may take for ever on some text."""

import re
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from chatops.errors import BadValue

_LOOK = 1.0
"""Seconds of CPU time between two looks at whether it is at the same message still."""


class Search:
    """A regular expression that gives up, where it is `bounded`."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern.pattern
        self._search = pattern.search
        self._messages = 0
        self._seen = 0

    def found_in(self, texts: Iterable[str]) -> bool:
        """Tell whether one of a message's texts has it."""
        self._messages += 1
        return any(map(self._search, texts))

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Raise `BadValue` in the block once a single message takes seconds.

        In the main thread alone: a signal is all that interrupts a search.
        """
        is_main = threading.current_thread() is threading.main_thread()
        if not is_main or not hasattr(signal, "setitimer"):
            yield
            return
        self._seen = -1
        before = signal.signal(signal.SIGVTALRM, self._look)
        signal.setitimer(signal.ITIMER_VIRTUAL, _LOOK, _LOOK)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)

    def _look(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._messages == self._seen:
            raise BadValue(
                f"{self.pattern!r} takes seconds on a single message: "
                "where it repeats what it repeats, as in (a+)+, say a+."
            )
        self._seen = self._messages
