"""What those who watch a room have been told of who is in it."""

from itertools import islice
from typing import Any

from chat.live import replies
from chat.live.people import People

LISTED = 100
"""People who are named; of the others the number is told."""


class Listing:
    """Follows the people, in steps that are as long as what changed."""

    def __init__(self) -> None:
        self.count = 0
        self._listed: dict[str, dict[str, Any]] = {}  # by author, in the order of their coming
        self._snapshot: str | None = None

    def snapshot(self) -> str:
        """Return all of it, for who begins to watch."""
        if self._snapshot is None:
            self._snapshot = replies.people(self.count, people=list(self._listed.values()))
        return self._snapshot

    def follow(self, people: People) -> str | None:
        """Take what happened since the last call; return it, where it is news."""
        touched, people.touched = dict.fromkeys(people.touched), []
        here = people.by_author
        left = [author for author in touched if author not in here and author in self._listed]
        for author in left:
            del self._listed[author]
        joined = [author for author in touched if author in here and self._list(author, people)]
        if len(self._listed) < min(LISTED, len(here)):  # somebody who was named made room
            joined += [a for a in islice(here, LISTED) if self._list(a, people)]
        if not (left or joined) and self.count == len(here):
            return None
        self.count = len(here)
        self._snapshot = None
        return replies.people(
            self.count, joined=[self._listed[author] for author in joined], left=left
        )

    def _list(self, author: str, people: People) -> bool:
        """Name a person, where there is room; tell whether that is news."""
        frame = people.by_author[author].frame()
        listed = author in self._listed
        if self._listed.get(author) == frame or not (listed or len(self._listed) < LISTED):
            return False
        self._listed[author] = frame
        return True
