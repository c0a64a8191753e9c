"""Who wrote what was broadcast, as the consumers themselves say."""

from dataclasses import dataclass

from chatops.model.room import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the consumers in one room answered: so many sockets `wrote` it, and so many `failed`.

    `of` is how many sockets there are, where those who answered can know it: not while somebody
    is silent who may have many. Of the `expected` members or processes, in their `unit`, so many
    `answered`. `None` where nobody can know.
    """

    wrote: int
    failed: int
    of: int | None
    answered: int
    expected: int | None
    unit: Unit | None

    @property
    def is_complete(self) -> bool:
        """Tell whether all sockets wrote it, as far as anybody can know."""
        return (
            self.wrote > 0
            and self.failed == 0
            and self.wrote >= (self.of or 0)
            and self.answered >= (self.expected or 0)
        )
