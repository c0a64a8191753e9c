"""Which groups are watched."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Named groups, and all that match a glob, also later ones.

    `wanted` decides among those that match one of the globs; `None` wants them all.
    """

    groups: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    wanted: Callable[[str], bool] | None = None

    def finds(self, group: str) -> bool:
        """Tell whether a group is watched because of a glob."""
        return any(fnmatchcase(group, glob) for glob in self.globs) and (
            self.wanted is None or self.wanted(group)
        )
