"""Answers to a broadcast that asks who has written it, gathered and sent by the process that did.

Loaded by servers, with every consumer that answers: no library is needed for it.
"""

import asyncio
import logging
import os
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from chatops.layers.spelling import RECEIPT

ASKED = "receipt"
"""The field of an event that asks: whom to answer `to`, and what its answers are told apart by.

Either that is a `token` of its own in each room; or it is one event for all rooms of one `turn`,
and who answers says by which channel or group it came.
"""

TYPE = "chatops.receipt"

_GATHER = 0.02
"""Seconds in which the answers of a process become one event."""

_MOST = 500
"""Answers in one event."""

_COUNTS = ("members", "wrote", "failed")
_LOGGER = logging.getLogger("chatops.receipts")
_SOURCE = uuid.uuid4().hex

_open: dict[tuple[int, str], dict[str, dict[str, Any]]] = {}
_tasks: set["asyncio.Task[None]"] = set()


class Asked(NamedTuple):
    """The group to answer to, and by what the answer is known."""

    to: str
    token: str


def asked(event: Mapping[str, Any], by: str | None = None) -> Asked | None:
    """Return what an event asks that came `by` a channel or group.

    `None` where it does not ask, somebody else does, or nobody says what it came by.
    """
    match event.get(ASKED):
        case {"to": str(to), "token": str(token)} if to.startswith(RECEIPT):
            return Asked(to, token)
        case {"to": str(to), "turn": int(turn), "group": str(group)} if to.startswith(RECEIPT):
            return Asked(to, known_by(turn, group))
        case {"to": str(to), "turn": int(turn)} if to.startswith(RECEIPT):
            if by is not None:
                return Asked(to, known_by(turn, by))
            _LOGGER.warning("A broadcast is not answered: receipt() was not told the event's group")
    return None


def known_by(turn: int, by: str) -> str:
    """Name an answer by what it came by, and when it was asked for."""
    return f"{turn}:{by}"


def answer(  # noqa: PLR0913 - what is known of one member, by name
    layer: Any,  # noqa: ANN401 - third parties' layers share no base class
    question: Asked,
    *,
    wrote: int,
    failed: int = 0,
    here: int | None = None,
    of: int | None = None,
) -> None:
    """Answer for one member, soon, together with what else there is to answer.

    `here` is how many members this process has there, `of` how many sockets are behind this one,
    where that is known.
    """
    loop = asyncio.get_running_loop()
    key = id(loop), question.to
    if key not in _open:
        _open[key] = {}
        task = loop.create_task(_send(layer, key), name="chatops receipt")
        _tasks.add(task)
        task.add_done_callback(_done)
    first = {"token": question.token, "of": 0, **dict.fromkeys(_COUNTS, 0)}
    known = _open[key].setdefault(question.token, first)
    known["here"] = here
    known["of"] = None if of is None or known["of"] is None else known["of"] + of
    for name, count in zip(_COUNTS, (1, wrote, failed), strict=True):
        known[name] += count


def members_here(layer: Any, group: str) -> int | None:  # noqa: ANN401
    """Count a group's members in this process; `None` where only the server knows them."""
    if not any(cls.__module__ == "channels_redis.pubsub" for cls in type(layer).__mro__):
        return None
    own = layer._get_layer()  # noqa: SLF001 - held by a test
    return len(own.groups.get(own._get_group_channel_name(group), ())) or None  # noqa: SLF001


async def _send(layer: Any, key: tuple[int, str]) -> None:  # noqa: ANN401
    try:
        await asyncio.sleep(_GATHER)
    finally:  # else nobody would send what this loop answers next
        answers = list(_open.pop(key).values())
    process = f"{_SOURCE}.{os.getpid()}"  # a server may fork after we were imported
    for start in range(0, len(answers), _MOST):
        some = answers[start : start + _MOST]
        await layer.group_send(key[1], {"type": TYPE, "process": process, "answers": some})


def _done(task: "asyncio.Task[None]") -> None:
    _tasks.discard(task)
    if not task.cancelled() and (error := task.exception()):
        _LOGGER.warning("The receipt of a broadcast could not be sent: %r", error)
