"""Calling a coroutine function as if it were a function, as long as it has nothing to wait for.

What Python 3.12 calls an eager task, without the task: a server's `send` seldom waits, and a task
for each costs more than the sending.
"""

from collections.abc import Awaitable, Coroutine, Generator
from functools import partial
from typing import Any


class Rest(Awaitable[None]):
    """What is left of a coroutine that had to wait."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: object) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        """Go on where it stopped."""
        waits_for = self._waits_for
        while True:
            try:
                value = yield waits_for
            except BaseException as error:  # noqa: BLE001 - it is the coroutine's to handle
                step = partial(self._coroutine.throw, error)
            else:
                step = partial(self._coroutine.send, value)
            try:
                waits_for = step()
            except StopIteration:
                return


def begin(coroutine: Coroutine[Any, Any, None]) -> Rest | None:
    """Run a coroutine up to where it waits; None where it came to its end.

    Raises what it raises.
    """
    try:
        return Rest(coroutine, coroutine.send(None))
    except StopIteration:
        return None
