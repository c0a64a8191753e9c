"""Which message is meant."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from chatops.model.expression import Expression
from chatops.model.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A message of a type that matches a glob, whose event an expression finds true."""

    where: Expression | None = None
    type: str | None = None

    def __str__(self) -> str:
        asked = [f"of a type like {self.type!r}"] if self.type is not None else []
        if self.where is not None:
            asked.append(f"with {str(self.where)!r}")
        return " ".join(["message", *asked])

    def meets(self, message: Message) -> bool:
        """Tell whether this is one; a message that could not be read is none."""
        return (
            message.problem is None
            and self._of_type(message)
            and (self.where is None or self.where.matches(message.body))
        )

    def closeness(self, message: Message) -> tuple[int, ...]:
        """Return how near a message comes, to be compared."""
        near = self.where.closeness(message.body) if self.where is not None else ()
        return (message.problem is None, self._of_type(message), *near)

    def _of_type(self, message: Message) -> bool:
        return self.type is None or fnmatchcase(message.type or "", self.type)
