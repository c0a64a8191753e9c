"""What a command is pointed at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A room in the application's words, and the group that carries it.

    `room` is `None` where the group was named directly.
    """

    room: str | None
    group: str

    def __str__(self) -> str:
        return self.room or self.group
