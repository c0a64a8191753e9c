"""How long a command listens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """Until there were `count` messages, for `seconds`, or until `idle` seconds without one.

    What is `None` ends nothing.
    """

    count: int | None = None
    seconds: float | None = None
    idle: float | None = None
