"""Many values of a kind, a column for each field: a million messages need no object each."""

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Any, TypeVar, overload

Row = TypeVar("Row")

# What a row's own constructor does, in a third of the time.
_new: Callable[..., Any] = tuple.__new__


class Columns(Sequence[Row]):
    """Rows of one kind of named tuple, made when somebody looks at them one by one."""

    __slots__ = ("columns", "kind")

    def __init__(self, kind: type[Row], *columns: Sequence[Any]) -> None:
        self.kind = kind
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    def __iter__(self) -> Iterator[Row]:
        return map(_new, repeat(self.kind), zip(*self.columns, strict=True))

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> "Columns[Row]": ...

    def __getitem__(self, at: int | slice) -> "Row | Columns[Row]":
        found = [column[at] for column in self.columns]
        return Columns(self.kind, *found) if isinstance(at, slice) else _new(self.kind, found)
