"""One room as one server process has it: who listens here, and how far they have heard."""

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from chat.live import replies
from chat.live.audience import Audience, Member
from chat.live.crowd import Crowd
from chat.live.recent import Recent
from chat.protocol.events import Message, System
from chat.records.history import Page
from chat.records.rules import Rules

logger = logging.getLogger(__name__)

AHEAD = 2_000
"""Messages that may wait for one before them; the database has the others."""


class Hall:
    """Delivers stored messages in the order of their numbers, each once, from wherever they come.

    They come from this process's own writer, from the broker, and from the database. What has a
    number that is too high waits, and `missing` is called, which fetches what lies between.
    """

    def __init__(self, name: str, missing: Callable[["Hall"], None], crowd: Crowd) -> None:
        self.name = name
        self.last: int | None = None  # not known before the database was asked
        self.rules: Rules | None = None  # … nor are these
        self.crowd = crowd
        self._missing = missing
        self._audience = Audience()
        self._ahead: dict[int, Message] = {}
        self.asked = asyncio.Lock()  # the database, for those who come in
        self._recent = Recent()

    @property
    def members(self) -> Collection[Member]:
        """The sockets that listen here."""
        return self._audience.members

    def begin(self, said: Page) -> None:
        """Take note of what the database has."""
        self._recent.begin(said)
        if self.last is None:
            self.last = said.last
            self._advance()

    def missed(self, after: int) -> Page | None:
        """Return what was said after a number; None where the database has to be asked."""
        if self.last is None or self.rules is None:
            return None
        return self._recent.missed(after, self.last)

    def heard(self, message: Message) -> bool:
        """Tell whether everybody here was given this message, or will have it in their history."""
        return self.last is not None and (message.number or 0) <= self.last

    def knows(self, number: object) -> bool:
        """Tell whether a number in an event is that of a message that was delivered."""
        return type(number) is int and self.last is not None and 0 < number <= self.last

    def admit(self, member: Member, heard: int) -> None:
        """Let a socket listen that has just been given all up to the number `heard`."""
        member.heard = heard
        self._audience.join(member)

    def leave(self, member: Member) -> None:
        """Forget a socket."""
        self._audience.leave(member)
        self.crowd.leave(member)

    def arrived(self, *messages: Message) -> None:
        """Deliver stored messages, each as soon as all before it are."""
        for message in messages:
            if len(self._ahead) < AHEAD:
                self._wait(message)
        self._advance()

    def caught_up(self, page: Page) -> None:
        """Deliver what the database has up to `page.last`; of that, nothing more will come."""
        for message in page.messages:  # however many wait: they wait for these
            self._wait(message)
        self._advance()
        if self.last is None or page.last <= self.last:
            return
        # What is not there was pruned before anybody here could hear it.
        numbers = sorted(n for n in self._ahead if n <= page.last)
        self._deliver([self._ahead.pop(number) for number in numbers])
        self.last = page.last
        self._advance()

    def doubtful(self) -> list[int]:
        """Return the numbers that wait for others; what the database never heard of is forged."""
        return list(self._ahead)

    def forget(self, numbers: list[int], last: int) -> None:
        """Drop those of these messages that are beyond what the database has."""
        for number in numbers:
            if number > last and self._ahead.pop(number, None) is not None:
                logger.warning("A message numbered %s in %s is stored nowhere.", number, self.name)

    def ruled(self, rules: Rules, erased: Collection[int]) -> None:
        """Take what staff did: the rules as they are now, and the messages that they removed."""
        if self.rules is not None and rules.act < self.rules.act:
            return
        self.rules = rules
        numbers = set(erased)
        self._recent.erase(numbers)
        for number in sorted(numbers):
            self.tell(replies.removed(number))
        for member in list(self.members):
            member.ruled(rules)

    def moved(self, event: Mapping[str, Any]) -> None:
        """Take what changed about who is here, and is called what."""
        self.crowd.heard(event)
        for key, author, name in event.get("named", ()):
            for member in self._audience.of(author):
                if member.turn < event["turn"]:  # what this process wrote comes back, late
                    member.turn = event["turn"]
                    member.called(key, name)

    def unnumbered(self, said: Message | System) -> None:
        """Deliver what is not stored, as it comes."""
        self.tell(said.texts()[0] if isinstance(said, Message) else json.dumps(said.frame()))

    def tell(self, text: str, *, paged: bool = False) -> None:
        """Send everybody a text; with `paged`, only those that know our protocol."""
        self._audience.tell(text, paged=paged)

    def _wait(self, message: Message) -> None:
        number = message.number or 0
        if number > (self.last or 0):
            self._ahead[number] = message

    def _advance(self) -> None:
        if self.last is None:
            return
        messages = []
        while (message := self._ahead.pop(self.last + 1, None)) is not None:
            self.last += 1
            messages.append(message)
        self._deliver(messages)
        if self._ahead:
            for number in [n for n in self._ahead if n <= self.last]:
                del self._ahead[number]
            if self._ahead:
                self._missing(self)

    def _deliver(self, messages: Sequence[Message]) -> None:
        if messages:
            self._recent.add(messages)
            self._audience.give(messages)
