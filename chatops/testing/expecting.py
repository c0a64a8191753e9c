"""Expect a message in a room, in a test of a project: by `with`, or by `async with`."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from chatops.errors import BadValue
from chatops.model.expression import expression
from chatops.model.wish import Wish
from chatops.project.load import load, prepare
from chatops.project.locate import locate
from chatops.project.rooms import room_names, target
from chatops.testing.beside import Beside
from chatops.testing.watching import Watching

_FOREVER = float("inf")


class Expectation:
    """Watches a room while its block runs, and then waits for the message.

    It is counted from the beginning of the block on; afterwards `message` is its event. Each
    block begins anew.
    """

    def __init__(self, watching: Callable[[], Watching]) -> None:
        self._make = watching
        self._watching = watching()

    @property
    def message(self) -> Mapping[str, Any]:
        """The event that was expected."""
        return self._watching.message

    async def __aenter__(self) -> Self:
        __tracebackhide__ = True
        self._watching = self._make()
        await self._watching.begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        __tracebackhide__ = True
        await self._watching.end(wait=kind is None)

    def __enter__(self) -> Self:
        __tracebackhide__ = True
        self._watching = self._make()
        self._beside = Beside(self._watching)
        self._beside.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        __tracebackhide__ = True
        self._beside.end(wait=kind is None)


def expect_message(  # noqa: PLR0913 - each is one choice, by name
    room: str,
    *,
    where: str | None = None,
    type: str | None = None,  # noqa: A002 - the field's own name
    timeout: float = 5.0,
    layer: str = "default",
    group: bool = False,
) -> Expectation:
    """Expect a message in a room while the block runs, or `timeout` seconds after it.

    It is the first whose type matches the glob `type` and whose event the JMESPath `where`
    finds true. Where it does not come, `AssertionError` tells what came instead. `room` is the
    application's word, or with `group` a group. In memory it watches this process, on other
    layers all of them. In a coroutine it must be `async with`.
    """
    __tracebackhide__ = True
    if not isinstance(timeout, int | float) or not 0 <= timeout < _FOREVER:
        raise BadValue(f"timeout={timeout!r} is no number of seconds, such as 5.")
    conf = load(locate(alias=layer))
    prepare(conf, layer)
    aimed = target(room_names(conf), room, is_group=group)
    wish = Wish(where=None if where is None else expression(where), type=type)
    return Expectation(lambda: Watching(layer, aimed, wish, timeout))
