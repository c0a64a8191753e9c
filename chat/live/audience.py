"""The sockets of one room in this process, and what each of them is given."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from chat.live.outgoing import Outgoing
from chat.protocol.events import Message
from chat.records.rules import Rules


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
                text, own = message.texts()
                self.outgoing.put(own if message.author == self.author else text)
                self.heard = number


class Audience:
    """Makes each text once, and gives it to all who get the same."""

    def __init__(self) -> None:
        self._members: set[Member] = set()
        self._by_author: dict[str, set[Member]] = {}

    @property
    def members(self) -> Collection[Member]:
        """All of them."""
        return self._members

    def of(self, author: str) -> Collection[Member]:
        """Return the sockets of one person."""
        return self._by_author.get(author, ())

    def join(self, member: Member) -> None:
        """Give a socket what comes from now on."""
        self._members.add(member)
        self._by_author.setdefault(member.author, set()).add(member)

    def leave(self, member: Member) -> None:
        """Forget a socket."""
        self._members.discard(member)
        if theirs := self._by_author.get(member.author):
            theirs.discard(member)
            if not theirs:
                del self._by_author[member.author]

    def tell(self, text: str, *, paged: bool = False) -> None:
        """Send everybody a text; with `paged`, only those that know our protocol."""
        for member in self._members:
            if not paged or member.outgoing.paged:
                member.outgoing.put(text)

    def give(self, messages: Sequence[Message]) -> None:
        """Give each member those of these messages, in order, that it has not heard."""
        texts: list[str] = []
        own: dict[str, dict[int, str]] = {}
        for index, message in enumerate(messages):
            text, to_author = message.texts()
            texts.append(text)
            if message.author in self._by_author:
                own.setdefault(message.author, {})[index] = to_author
        for author, replaced in own.items():  # first: who speaks waits for it
            theirs = texts.copy()
            for index, text in replaced.items():
                theirs[index] = text
            _put(self._by_author[author], messages, theirs)
        _put(self._members, messages, texts)


def _put(members: Iterable[Member], messages: Sequence[Message], texts: Sequence[str]) -> None:
    first, last = messages[0].number or 0, messages[-1].number or 0
    size = sum(map(len, texts))
    for member in members:
        if member.heard < first:
            member.heard = last
            member.outgoing.put_all(texts, size)
        elif member.heard < last:
            member.hear(messages)
