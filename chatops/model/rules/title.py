"""A rule in one line."""

from dataclasses import dataclass
from typing import ClassVar

from chatops.model.result import Result
from chatops.model.rules import group_of
from chatops.model.rules.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Title(Result):
    """An id, its group and its name, for a list of them."""

    kind: ClassVar[str] = "title"

    id: str
    group: str
    name: str


def title(rule: Rule) -> Title:
    """Return what a list says of a rule."""
    return Title(id=rule.id, group=group_of(rule.id), name=rule.name)
