"""Choose among what arrives."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from fnmatch import translate
from re import compile as regex
from typing import Any

from chatops.model.choice import Choice
from chatops.model.columns import Columns
from chatops.model.message import Arrival, Hole
from chatops.operations.searching import Search

Batch = Sequence[Arrival | Hole]
Chooser = Callable[[Batch], Batch]


def everything(batch: Batch) -> Batch:
    """Want all of it."""
    return batch


def has_hole(batch: Batch) -> bool:
    """Tell whether there is a hole in it."""
    return not isinstance(batch, Columns) and Hole in map(type, batch)


def parted(batch: Batch) -> Iterator[Hole | Sequence[Arrival]]:
    """Yield each hole, and what came between two of them together."""
    between: list[Arrival] = []
    for each in batch:
        if isinstance(each, Arrival):
            between.append(each)
            continue
        if between:
            yield between
            between = []
        yield each
    if between:
        yield between


def chooser(choice: Choice) -> Chooser:
    """Return what takes the wanted messages out of a batch, and leaves the holes in it.

    It raises `BadValue` where the regular expression takes for ever.
    """
    grep = None if choice.grep is None else Search(choice.grep)
    tests = list(_tests(choice, grep))
    if not tests:
        return everything

    def chosen(batch: Batch) -> Batch:
        with nullcontext() if grep is None else grep.bounded():
            return [
                each
                for each in batch
                if isinstance(each, Hole) or all(test(each) for test in tests)
            ]

    return chosen


def _tests(choice: Choice, grep: Search | None) -> Iterator[Callable[[Arrival], bool]]:
    """Yield the cheap ones first; the sample is taken of what all others want."""
    if choice.types:
        types = regex("|".join(map(translate, choice.types)))
        yield lambda each: types.match(each.type or "") is not None
    if grep is not None:
        yield lambda each: grep.found_in(_texts(each))
    if (where := choice.where) is not None:
        yield lambda each: where.matches(each.body)
    if choice.sample > 1:
        turns = itertools.cycle(range(choice.sample))
        yield lambda _: next(turns) == 0


def _texts(each: Arrival) -> Iterator[str]:
    """Yield every text in the event, and every number as one; not the keys."""
    left: list[Any] = [each.body, each.problem]
    while left:
        match left.pop():
            case dict() as inner:
                left.extend(inner.values())
            case list() | tuple() as inner:
                left.extend(inner)
            case str() as text:
                yield text
            case None:
                continue
            case value:
                yield str(value)
