"""Which groups are watched."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Named groups, and all that match a glob, also later ones.

    `wanted` decides among those that match one of the globs; `None` wants them all.
    """

    groups: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    wanted: Callable[[str], bool] | None = None
