"""Telling whoever asked how many sockets here a broadcast was written to."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from chat.live.audience import Member

logger = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds after which a socket that still waits to be written to has not got it."""

PAUSE = 0.02

Receipt = Callable[[dict[str, Any], int, int], Awaitable[None]]

_tasks: set[asyncio.Task[None]] = set()


def report(event: Mapping[str, Any], group: str, members: Collection[Member]) -> None:
    """Have `settings.CHAT_RECEIPT` called, where there is one and the event has a `receipt`.

    The setting is the dotted path of an async callable, that gets the event, whose `receipt`
    then names the `group` that it came by, how many sockets it was written to, and of how many.
    """
    path: str | None = getattr(settings, "CHAT_RECEIPT", None)
    asked = event.get("receipt")
    if path is None or not isinstance(asked, dict):
        return
    receipt: Receipt = import_string(path)
    came = {**event, "receipt": {**asked, "group": group}}
    task = asyncio.create_task(_report(receipt, came, list(members)), name="chat receipt")
    _tasks.add(task)
    task.add_done_callback(_done)


async def _report(receipt: Receipt, event: dict[str, Any], members: list[Member]) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    await asyncio.sleep(0)
    while any(m.outgoing.waits for m in members) and loop.time() < deadline:  # noqa: ASYNC110 - of many
        await asyncio.sleep(PAUSE)
    reached = sum(member.outgoing.open and not member.outgoing.waits for member in members)
    await receipt(event, reached, len(members))


def _done(task: asyncio.Task[None]) -> None:
    _tasks.discard(task)
    if not task.cancelled() and (error := task.exception()):
        logger.error("CHAT_RECEIPT failed.", exc_info=error)
