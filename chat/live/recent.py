"""What was said lately in one room, for whoever comes in."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from time import monotonic

from chat.protocol.events import Message
from chat.records import history
from chat.records.history import Page

MOST = 500
"""Messages kept for whoever comes in while they are said."""

FRESH = 30.0
"""Seconds for which a room's newest page is given from memory; what was pruned goes with it."""


class Recent:
    """The newest messages that were delivered, and the newest page as the database had it."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=MOST)
        self._page: Page | None = None
        self._page_until = 0.0

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages)

    def add(self, messages: Iterable[Message]) -> None:
        """Take what was delivered."""
        self._messages.extend(messages)

    def begin(self, page: Page) -> None:
        """Take the newest page."""
        self._page, self._page_until = page, monotonic() + FRESH

    def covers(self, number: int) -> bool:
        """Tell whether all that came after a number is here."""
        return bool(self._messages) and (self._messages[0].number or 0) <= number + 1

    def page(self, last: int) -> Page | None:
        """Return the page that ends with the number `last`; None where it has to be read."""
        page = self._page
        if page is None or monotonic() > self._page_until:
            return None
        if page.last >= last:
            return page
        if not self.covers(page.last):
            return None
        since = tuple(each for each in self._messages if (each.number or 0) > page.last)
        newer = history.page_of(page.messages + since, last)
        self._page = replace(newer, more=newer.more or page.more)
        return self._page

    def erase(self, numbers: Collection[int]) -> None:
        """Show no longer what staff removed."""
        self._page = None
        for index, message in enumerate(self._messages):
            if message.number in numbers:
                self._messages[index] = replace(message, removed=True)
