"""What a command is pointed at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from chatops.model.room import Unit

_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A room in the application's words, and the group that carries it.

    `room` is `None` where the group was named directly.
    """

    room: str | None
    group: str

    def __str__(self) -> str:
        return self.room or self.group


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Names of rooms, and globs over those that someone is in; of groups, where `is_group`.

    What matches one of `but` is left out. `words` are read once.
    """

    words: Iterable[str]
    but: Sequence[str] = ()
    is_group: bool = False

    def allows(self, name: str) -> bool:
        """Tell whether this name is not left out."""
        return not any(fnmatchcase(name, each) for each in self.but)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What `globs` matched: how many, the first of them, and whom they reach in their `unit`.

    `reach` is all of that together, `most` what is in the fullest one.
    """

    count: int = 0
    reach: int = 0
    most: int = 0
    unit: Unit | None = None
    first: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()


def is_glob(word: str) -> bool:
    """Tell a pattern from a name."""
    return not _GLOB.isdisjoint(word)
