"""Watch a room beside a test that has no event loop."""

import asyncio
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatops.testing.watching import Watching


class Beside:
    """Runs a `Watching` in a thread with an event loop of its own."""

    def __init__(self, watching: "Watching") -> None:
        self._watching = watching

    def begin(self) -> None:
        """Return once what is sent is seen."""
        __tracebackhide__ = True
        self._begun: Future[None] = Future()
        self._thread = ThreadPoolExecutor(1, "chatops")
        self._running = self._thread.submit(lambda: asyncio.run(self._run()))
        wait([self._begun, self._running], return_when=FIRST_COMPLETED)
        if not self._begun.done():
            with self._thread:
                self._running.result()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[bool] = self._loop.create_future()
        await self._watching.begin()
        self._begun.set_result(None)
        await self._watching.end(wait=await self._over)

    def end(self, *, wait: bool) -> None:
        """Watch no more, as `Watching` does."""
        __tracebackhide__ = True
        self._loop.call_soon_threadsafe(self._over.set_result, wait)
        with self._thread:
            error = self._running.exception()
        if isinstance(error, AssertionError):
            error = error.with_traceback(None)  # how we waited says nothing of the test
        if error is not None and wait:
            raise error
