"""What a project calls: `chatops.broadcast`, and its twin for code that is not async."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import cache, wraps
from typing import Any, ParamSpec

from asgiref.sync import async_to_sync
from django.conf import settings
from django.utils.functional import Promise

from chatops.conf import Conf, read
from chatops.errors import BadValue
from chatops.layers.inside import own
from chatops.model.broadcast import Broadcast, Summary
from chatops.model.event import Level, Saying, required
from chatops.model.order import Order, skipped
from chatops.model.report import Report
from chatops.model.result import Note
from chatops.model.target import Aim
from chatops.operations import broadcast as operation
from chatops.project.load import prepare
from chatops.project.words import words

__all__ = ["Report", "broadcast", "broadcast_sync"]

Given = ParamSpec("Given")


async def broadcast(  # noqa: PLR0913 - each is one choice, by name
    rooms: str | Iterable[str],
    message: str = "",
    *,
    level: Level | str | None = None,
    sender: str | None = None,
    type: str | None = None,  # noqa: A002 - the field's own name
    event: Mapping[str, Any] | None = None,
    group: bool = False,
    but: str | Iterable[str] = (),
    layer: str = "default",
    force: str | Iterable[str] = (),
    rate: float | None = None,
    ack: float | None = None,
    dry_run: bool = False,
) -> Report:
    """Send a system message into rooms, as `chatops broadcast` does, and return whom it reached.

    A room may be a glob, and what it matches is not asked about. `group` takes the rooms as
    groups; `event` is a whole event, without a message. Nothing is sent unless all of it passes
    the guard. `rate` is rooms a second, `ack` the seconds to wait for the consumers' answers. Whom
    the caller keeps from running cannot answer: a consumer its own room, and in the thread that
    Channels runs code in that is not async, all consumers that are not.
    Raises a `ChatopsError`; that rooms were empty is in the report.
    """
    conf = read(getattr(settings, "CHATOPS", {}))
    aim = Aim(words=_texts("rooms", rooms), but=list(_texts("but", but)), is_group=group)
    saying = _saying(message, level, sender, type, event)
    skip = skipped(list(_texts("force", force)))
    order = Order(skip=skip, rate=_number("rate", rate), ack=_number("ack", ack), dry_run=dry_run)
    notes: list[str] = []
    found: list[Broadcast] = []
    chosen = own(layer)
    _prepared(conf.prepare_layer, layer)
    known = words(conf, layer)
    try:
        async for row in operation.broadcast(chosen, known, aim, saying, order, told=notes.append):
            match row:
                case Broadcast():
                    found.append(row)
                case Note():
                    notes.append(row.note)
                case Summary():
                    summary = row
    finally:
        await chosen.close()
    return Report(rooms=tuple(found), summary=summary, notes=tuple(notes))


def _sync(function: Callable[Given, Awaitable[Report]]) -> Callable[Given, Report]:
    @wraps(function)
    def called(*args: Given.args, **options: Given.kwargs) -> Report:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return async_to_sync(function)(*args, **options)
        raise BadValue(
            "broadcast_sync() would stop the event loop that runs here: "
            "say `await chatops.broadcast(…)`."
        )

    return called


broadcast_sync = _sync(broadcast)
"""The same, for code that is not async: signals, tasks and views."""


@cache
def _prepared(hook: str | None, alias: str) -> None:
    prepare(Conf(prepare_layer=hook), alias)


def _saying(
    message: str,
    level: Level | str | None,
    sender: str | None,
    type: str | None,  # noqa: A002 - as above
    event: Mapping[str, Any] | None,
) -> Saying:
    if event is None:
        return Saying(
            message=_text("message", message),
            level=_level(level),
            sender=None if sender is None else _text("sender", sender),
            type=None if type is None else _text("type", type),
        )
    if not isinstance(event, Mapping):
        raise BadValue(
            f"event: a mapping such as {{'type': 'hello'}} is needed, and not {event!r}."
        )
    if message or level or sender or type:
        raise BadValue(
            "`event` is the whole event: write message, level, sender and type in there."
        )
    return Saying(event=required(dict(event)))


def _level(level: Level | str | None) -> Level | None:
    if level is None or level in list(Level):
        return None if level is None else Level(level)
    raise BadValue(f"level {level!r}: there is no such level; there are {', '.join(Level)}.")


def _texts(name: str, value: str | Iterable[str]) -> Iterator[str]:
    """Return the texts, where one is a text or many of them; raises `BadValue` at what is none."""
    if isinstance(value, bytes | Mapping) or not isinstance(value, str | Promise | Iterable):
        raise BadValue(f"{name}: a text or several are needed, and not {value!r}.")
    each = [value] if isinstance(value, str | Promise) else value
    return (_text(name, one) for one in each)


def _text(name: str, value: object) -> str:
    """Return a text, also one that Django translates when it is read."""
    if isinstance(value, str | Promise):
        return str(value)
    raise BadValue(f"{name}: a text is needed, and not {value!r}.")


def _number(name: str, value: float | None) -> float | None:
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value <= 0:
        raise BadValue(f"{name}: a number above 0 is needed, and not {value!r}.")
    return value
