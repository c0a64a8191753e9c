"""One room as one server process has it: who listens here, and how far they have heard."""

import json
import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from chat import history, replies
from chat.crowd import Crowd
from chat.events import Message, System
from chat.history import Page
from chat.outgoing import Outgoing
from chat.rules import Rules

logger = logging.getLogger(__name__)

RECENT = 500
"""Messages kept for whoever comes in while they are said."""

FRESH = 30.0
"""Seconds for which a room's newest page is given from memory; what was pruned goes with it."""

AHEAD = 2_000
"""Messages that may wait for one before them; the database has the others."""


@dataclass(slots=True, eq=False)
class Member:
    """One socket in the room; `heard` is the number up to which it needs nothing more."""

    outgoing: Outgoing
    author: str
    ruled: Callable[[Rules], None]
    called: Callable[[str, str], None]
    heard: int = 0
    turn: int = 0  # of the change that named its person

    def hear(self, messages: Iterable[Message]) -> None:
        """Send it those of these stored messages that it has not heard, in order."""
        for message in messages:
            number = message.number or 0
            if number > self.heard:
                mine = message.author == self.author
                self.outgoing.put(json.dumps(message.frame(mine=mine)))
                self.heard = number


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
        self._members: set[Member] = set()
        self._by_author: dict[str, set[Member]] = {}
        self._ahead: dict[int, Message] = {}
        self._recent: deque[Message] = deque(maxlen=RECENT)
        self._page: Page | None = None
        self._page_until = 0.0

    def __len__(self) -> int:
        return len(self._members)

    @property
    def members(self) -> Collection[Member]:
        """The sockets that listen here."""
        return self._members

    def begin(self, page: Page, *, newest: bool) -> None:
        """Take note of what was said before anybody listened here."""
        if newest:
            self._page, self._page_until = page, monotonic() + FRESH
        if self.last is None:
            self.last = page.last
            self._advance()

    def newest(self) -> Page | None:
        """Return the newest page; None where the database has to be asked."""
        page = self._page
        if page is None or monotonic() > self._page_until or not self.covers(page.last):
            return None
        since = tuple(each for each in self._recent if (each.number or 0) > page.last)
        if since:
            more = page.more
            page = history.page_of(page.messages + since, self.last or 0)
            self._page = page = replace(page, more=page.more or more)
        return page

    def covers(self, number: int) -> bool:
        """Tell whether who has heard up to `number` can go on from here without a hole."""
        if self.last is None or number >= self.last:
            return self.last is not None
        return bool(self._recent) and (self._recent[0].number or 0) <= number + 1

    def heard(self, message: Message) -> bool:
        """Tell whether everybody here was given this message, or will have it in their history."""
        return self.last is not None and (message.number or 0) <= self.last

    def knows(self, number: object) -> bool:
        """Tell whether a number in an event is that of a message that was delivered."""
        return type(number) is int and self.last is not None and 0 < number <= self.last

    def admit(self, member: Member, heard: int) -> None:
        """Let a socket listen that has heard up to `heard`, which `covers` was asked about."""
        member.heard = heard
        if heard < (self.last or 0):
            member.hear(self._recent)
        self._members.add(member)
        self._by_author.setdefault(member.author, set()).add(member)

    def leave(self, member: Member) -> None:
        """Forget a socket."""
        self._members.discard(member)
        self.crowd.leave(member)
        if theirs := self._by_author.get(member.author):
            theirs.discard(member)
            if not theirs:
                del self._by_author[member.author]

    def arrived(self, *messages: Message) -> None:
        """Deliver stored messages, each as soon as all before it are."""
        for message in messages:
            number = message.number or 0
            if number > (self.last or 0) and len(self._ahead) < AHEAD:
                self._ahead[number] = message
        self._advance()

    def caught_up(self, page: Page) -> None:
        """Deliver what the database has up to `page.last`; of that, nothing more will come."""
        self.arrived(*page.messages)
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
        self._page = None
        numbers = set(erased)
        for index, message in enumerate(self._recent):
            if message.number in numbers:
                self._recent[index] = replace(message, removed=True)
        for number in sorted(numbers):
            self.tell(replies.removed(number))
        for member in list(self._members):
            member.ruled(rules)

    def moved(self, event: Mapping[str, Any]) -> None:
        """Take what changed about who is here, and is called what."""
        self.crowd.heard(event)
        for key, author, name in event.get("named", ()):
            for member in self._by_author.get(author, ()):
                if member.turn < event["turn"]:  # what this process wrote comes back, late
                    member.turn = event["turn"]
                    member.called(key, name)

    def unnumbered(self, said: Message | System) -> None:
        """Deliver what is not stored, as it comes."""
        frame = said.frame(mine=False) if isinstance(said, Message) else said.frame()
        self.tell(json.dumps(frame))

    def tell(self, text: str, *, paged: bool = False) -> None:
        """Send everybody a text; with `paged`, only those that know our protocol."""
        for member in self._members:
            if not paged or member.outgoing.paged:
                member.outgoing.put(text)

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
        """Give each member those of these messages that it has not heard."""
        if not messages:
            return
        self._recent.extend(messages)
        texts = [json.dumps(message.frame(mine=False)) for message in messages]
        for author in {message.author or "" for message in messages} & self._by_author.keys():
            own = [
                json.dumps(message.frame(mine=True)) if message.author == author else text
                for message, text in zip(messages, texts, strict=True)
            ]
            self._give(self._by_author[author], messages, own)
        self._give(self._members, messages, texts)

    def _give(
        self, members: Iterable[Member], messages: Sequence[Message], texts: Sequence[str]
    ) -> None:
        first, last = messages[0].number or 0, messages[-1].number or 0
        size = sum(map(len, texts))
        for member in members:
            if member.heard < first:
                member.heard = last
                member.outgoing.put_all(texts, size)
            elif member.heard < last:
                member.hear(messages)
