"""The one bridge from sync to async; what ends a command from outside unwinds it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from chatops.cli import collector
from chatops.cli.signals import unwound
from chatops.cli.streams import is_pipe
from chatops.errors import BadValue


def wait_for(
    work: Coroutine[Any, Any, None], close: Callable[[], Awaitable[None]], *, until_unread: bool
) -> None:
    """Run the work in a loop of its own, and `close` after it on every way out.

    A signal ends it as `CancelledError` or `KeyboardInterrupt`; with `until_unread` a reader
    that left ends it as `BrokenPipeError`.
    """
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        work.close()
        raise BadValue(
            "This cannot wait inside an event loop; there, call it by asgiref's sync_to_async."
        )
    collector.resume()
    asyncio.run(_unwinding(work, close, until_unread=until_unread and is_pipe()))


async def _unwinding(
    work: Coroutine[Any, Any, None], close: Callable[[], Awaitable[None]], *, until_unread: bool
) -> None:
    task = asyncio.ensure_future(work)
    left = asyncio.Event()
    with unwound(task, left if until_unread else None):
        try:
            await task
        except asyncio.CancelledError:
            if not left.is_set():
                raise
            raise BrokenPipeError from None
        finally:
            await close()
