"""Doing together what is asked for at the same time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from django.db import DataError

T = TypeVar("T")
R = TypeVar("R")


class Busy(Exception):
    """More waits than this process will hold."""


class Grouped(Generic[T, R]):
    """Call `work` with all that gathered while its last call was under way.

    One call for one item while it is quiet, so nobody waits for company; a few hundred at once
    under load. An answer for each item, in order. Where a call fails, all of its group do, except
    that what the database cannot hold is found by doing one after the other.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        group: int = 500,
        waiting: int = 5_000,
    ) -> None:
        self._work = work
        self._group = group
        self._most = waiting
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._crowded = False
        self._task: asyncio.Task[None] | None = None
        self._under_way: asyncio.Task[Sequence[R]] | None = None

    async def ask(self, item: T) -> R:
        """Have one item done; raises what the work raises, and `Busy` where too much waits."""
        if len(self._waiting) >= self._most:
            raise Busy
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="chat group")
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            if self._crowded:
                await asyncio.sleep(0)  # or the first to come would go alone, at the same cost
            size = min(self._group, len(self._waiting))
            self._crowded = size > 1
            await self._do([self._waiting.popleft() for _ in range(size)])

    async def _call(self, items: Sequence[T]) -> Sequence[R]:
        return await self._work(items)

    async def _do(self, group: list[tuple[T, "asyncio.Future[R]"]]) -> None:
        call = self._under_way = asyncio.create_task(self._call([item for item, _ in group]))
        await asyncio.wait([call])
        error = call.exception()
        if isinstance(error, DataError) and len(group) > 1:
            for one in group:
                await self._do([one])
            return
        answers = [] if error else call.result()
        for index, (_, future) in enumerate(group):
            if future.done():  # whoever asked has gone
                continue
            if error is None:
                future.set_result(answers[index])
            else:
                future.set_exception(error)
