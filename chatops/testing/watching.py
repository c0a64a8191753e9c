"""Watch a room in the background of an event loop, for one message."""

import asyncio
from contextlib import AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any

from chatops.errors import ChatopsError
from chatops.layers.base import Arrivals
from chatops.layers.inside import inside
from chatops.model.capability import Capability
from chatops.model.target import Target
from chatops.model.watched import Watched
from chatops.model.wish import Wish
from chatops.operations.expect import Seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatops.model.message import Message

_ALONE = "\nThe in-memory layer was watched in this process; others have one of their own."


class Watching:
    """Looks for the first message that is wished for, from `begin` to `end`."""

    def __init__(self, alias: str, target: Target, wish: Wish, seconds: float) -> None:
        self.message: Mapping[str, Any] = {}
        self._alias = alias
        self._target = target
        self._seconds = seconds
        self._seen = Seen(target, wish)
        self._open = AsyncExitStack()

    async def begin(self) -> None:
        """Return once what is sent is seen."""
        __tracebackhide__ = True
        layer = inside(self._alias)
        layer.check_group(self._target.group)
        self._hears_all = Capability.CROSS_PROCESS in layer.capabilities
        self._first: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(layer.close)
            listening = layer.listen(Watched(groups=(self._target.group,)))
            batches = await stack.enter_async_context(listening)
            self._task = asyncio.ensure_future(self._watch(batches))
            self._open = stack.pop_all()

    async def _watch(self, batches: Arrivals) -> None:
        """Go on after the first, too: nobody else may feel that we do not read."""
        async with aclosing(self._seen.wished(batches)) as wished:
            try:
                async for message in wished:
                    if not self._first.done():
                        self._first.set_result(message)
            except ChatopsError as error:
                if not self._first.done():
                    self._first.set_exception(error)

    async def end(self, *, wait: bool) -> None:
        """Watch no more; with `wait` raise `AssertionError` where the message does not come."""
        __tracebackhide__ = True
        async with self._open:
            try:
                done, _ = await asyncio.wait([self._first], timeout=self._seconds if wait else 0)
            finally:
                self._task.cancel()
                await asyncio.wait([self._task])
        if done and (error := self._first.exception()) and wait:
            raise error
        if done and not error:
            self.message = self._first.result().body
        elif wait:
            hint = "" if self._hears_all else _ALONE
            raise AssertionError(f"{self._seen.report(self._seconds)}{hint}")
