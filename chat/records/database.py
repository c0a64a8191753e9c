"""Threads with a database connection that stays open.

Django's own bridge has one thread for everything and, with `CONN_MAX_AGE = 0`, opens a
connection for each call, which costs more than what is asked.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import Error, connection

from chat.records.grouped import Busy

T = TypeVar("T")

AWAY: tuple[type[Exception], ...] = (Error, Busy)
"""What is raised while the database cannot be used, or not by so many at once."""


class Thread:
    """One thread, in which what is asked is done in order."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, work: Callable[[], T]) -> T:
        """Do `work`, which must be harmless when done twice, and return what it returns."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, _once, work)


def _once(work: Callable[[], T]) -> T:
    try:
        return work()
    except Error:
        usable = connection.is_usable() if connection.connection is not None else True
        connection.close()
        if usable:
            raise
    return work()  # the server had closed the connection while it was idle


writing = Thread("chat-write")
reading = Thread("chat-read")
