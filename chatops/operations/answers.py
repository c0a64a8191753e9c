"""What processes answered when they were asked who has written a broadcast."""

from collections.abc import Collection
from dataclasses import dataclass, fields

from chatops.model.room import Unit


@dataclass(slots=True)
class Answers:
    """What one process answered for one group.

    `here` is how many members it says it has, `of` how many sockets are behind those that answered.
    """

    members: int = 0
    wrote: int = 0
    failed: int = 0
    here: int | None = None
    of: int | None = 0

    @property
    def is_whole(self) -> bool:
        """Tell whether all members there have answered."""
        return self.members >= (self.here or 1)

    @property
    def is_for_itself(self) -> bool:
        """Tell whether each member there is one socket, as far as it says."""
        return self.of is None and self.members == self.wrote + self.failed

    @property
    def is_sound(self) -> bool:
        """Tell whether these are numbers, as they should be."""
        counts = (self.members, self.wrote, self.failed, self.here or 0, self.of or 0)
        return all(type(each) is int and each >= 0 for each in counts)

    def nth(self, number: int) -> "Answers":
        """Return what a member wrote of one of several events, each as good as another."""
        members, wrote = int(self.members >= number), int(self.wrote >= number)
        return Answers(members, wrote, members - wrote, self.here, self.of)

    def add(self, more: "Answers") -> None:
        """Count another answer of the same process."""
        self.members += more.members
        self.wrote += more.wrote
        self.failed += more.failed
        self.here = more.here
        self.of = None if self.of is None or more.of is None else self.of + more.of


FIELDS = tuple(each.name for each in fields(Answers))
"""What an answer is made of, in their order."""


def sockets(answers: Collection[Answers], reach: int | None, unit: Unit | None) -> int | None:
    """Count the sockets that there should be, where it was said, or each is a member of its own.

    Where one answers for many, nobody knows how many are behind those that did not answer.
    """
    if answers and unit is Unit.MEMBERS and all(each.is_for_itself for each in answers):
        return reach
    if reach is not None and answered(answers, unit) < reach:
        return None
    behind = [each.of for each in answers if each.of is not None]
    if behind and len(behind) == len(answers):
        return sum(behind)
    if not all(each.is_for_itself for each in answers):
        return None
    here = [each.here for each in answers if each.here is not None]
    return sum(here) if answers and len(here) == len(answers) else None


def answered(answers: Collection[Answers], unit: Unit | None) -> int:
    """Count the members that answered, or the processes."""
    if unit is Unit.MEMBERS:
        return sum(each.members for each in answers)
    return len(answers)
