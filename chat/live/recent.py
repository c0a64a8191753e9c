"""What was said lately in one room, for whoever comes in."""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import takewhile
from time import monotonic

from chat.protocol.events import Message
from chat.records import history
from chat.records.history import MISSED, Page

FRESH = 2.0
"""Seconds for which what the database had is given from memory, and so what was just pruned."""


class Recent:
    """The newest messages that were delivered, and those before them as the database had them."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=MISSED)
        self._said: Page | None = None
        self._said_until = 0.0

    def add(self, messages: Iterable[Message]) -> None:
        """Take what was delivered."""
        self._messages.extend(messages)

    def begin(self, said: Page) -> None:
        """Take what the database has."""
        self._said, self._said_until = said, monotonic() + FRESH

    def missed(self, after: int, last: int) -> Page | None:
        """Return what was missed up to the number `last`; None where it has to be read."""
        said = self._upto(last)
        return history.missed(said, after) if said is not None else None

    def erase(self, numbers: Collection[int]) -> None:
        """Show no longer what staff removed."""
        self._said = None
        for index, message in enumerate(self._messages):
            if message.number in numbers:
                self._messages[index] = replace(message, removed=True)

    def _upto(self, last: int) -> Page | None:
        said = self._said
        if said is None or monotonic() > self._said_until:
            return None
        if said.last >= last:
            return said
        newer = [*takewhile(lambda each: (each.number or 0) > said.last, reversed(self._messages))]
        if len(newer) != last - said.last:  # more than is kept, or with a hole
            return None
        messages = (*said.messages, *reversed(newer))
        more = said.more or len(messages) > MISSED
        self._said = replace(said, messages=messages[-MISSED:], last=last, more=more)
        return self._said
