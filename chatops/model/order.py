"""How a broadcast is to be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chatops.errors import BadValue


class Guarded(StrEnum):
    """What is made sure of before anything is sent, and may be skipped by this name."""

    HANDLERS = "handlers"
    SIZE = "size"
    CODEC = "codec"
    CONTROL = "control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is skipped, how many rooms a second at the most, and whether it is only a plan.

    `ack` is how many seconds are waited for the consumers' answers; `None` asks for none. Where
    `must_prove`, something of theirs has to show that the application can read what we send.
    """

    skip: frozenset[Guarded] = frozenset()
    rate: float | None = None
    dry_run: bool = False
    ack: float | None = None
    must_prove: bool = False


def skipped(names: Sequence[str]) -> frozenset[Guarded]:
    """Read the names of what is to be skipped; raises `BadValue` for an unknown one."""
    each = [name for word in names for name in word.split(",")]
    for name in each:
        if name not in set(Guarded):
            raise BadValue(f"--force {name}: there is no such check; there are {_ALL}.")
    return frozenset(map(Guarded, each))


_ALL = ", ".join(Guarded)
