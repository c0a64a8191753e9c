"""Which rules a word means: an id, a group, or `CHO2xx` for a group by its number."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import takewhile

from chatops.errors import BadValue
from chatops.model.rules import GROUPS, RULES, group_of
from chatops.model.rules.rule import Rule

_HUNDRED = re.compile(r"CHO(\d)XX")


def rule(word: str) -> Rule:
    """Return the rule with this id, in either case; raises `BadValue` naming the nearest."""
    try:
        return RULES[word.upper()]
    except KeyError:
        raise BadValue(
            f"{word!r} is not the id of a finding. {_nearest(word.upper(), RULES)}"
        ) from None


def ids(words: Iterable[str]) -> frozenset[str]:
    """Return the ids that the words mean, each of which may be a list with commas.

    Raises `BadValue` for a word that means nothing, naming the nearest.
    """
    parts = (part.strip() for word in words for part in word.split(","))
    return frozenset[str]().union(*(_meant(part) for part in parts))


def _meant(word: str) -> frozenset[str]:
    upper, group = word.upper(), word.lower()
    if upper in RULES:
        return frozenset({upper})
    if (found := _HUNDRED.fullmatch(upper)) and int(found[1]) < len(GROUPS):
        group = GROUPS[int(found[1])]
    if group not in GROUPS:
        like = RULES if upper.startswith("CHO") else [each.upper() for each in GROUPS]
        raise BadValue(
            f"{word!r} is neither the id of a finding nor a group ({', '.join(GROUPS)}). "
            f"{_nearest(upper, like)}"
        )
    return frozenset(each for each in RULES if group_of(each) == group)


def _nearest(word: str, known: Iterable[str]) -> str:
    """Name the one that begins alike for longest, and of those the most alike."""
    nearest = max(known, key=lambda each: (_shared(word, each), _alike(word, each)))
    named = f" ({RULES[nearest].name})" if nearest in RULES else ""
    return f"Nearest: {nearest if nearest in RULES else nearest.lower()}{named}."


def _shared(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
