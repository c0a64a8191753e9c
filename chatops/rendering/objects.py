"""Messages as JSON, one object a line, a batch at a time."""

import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any

from chatops.model.message import Gap, Heard, Message
from chatops.rendering.jsonlines import dumps, plain
from chatops.rendering.look import Raw
from chatops.rendering.shape import TOO_DEEP

_KEPT = 10_000
"""So many beginnings of objects are kept, because the wire decides how many there are."""

_encode = json.JSONEncoder(check_circular=False, allow_nan=False, default=plain).encode

# All bodies of a batch are encoded as one list, which takes half the time; what stands between
# them is a word that nobody who sends can know.
_BETWEEN = secrets.token_urlsafe(9)
_SPLIT = f', "{_BETWEEN}", '


class Objects:
    """The same objects as `dumps` would write of each message, and faster."""

    def __init__(self, raw: Raw | None = None) -> None:
        self._raw = raw
        self._heads = _Heads()

    def lines(self, heard: Heard) -> str:
        """Return the lines, each with its end."""
        if Gap in map(type, heard):
            return "".join(
                f"{dumps(each)}\n" if isinstance(each, Gap) else self._messages([each])
                for each in heard
            )
        return self._messages(heard)  # type: ignore[arg-type] # just found to have no gap

    def _messages(self, messages: Sequence[Message]) -> str:
        """Put them together column by column: that takes half the time of one by one."""
        if not messages:
            return ""
        rooms, groups, types, bodies, moments, sizes, problems, _ = zip(*messages, strict=True)
        texts = _bodies(bodies)
        heads = map(self._heads.__getitem__, zip(rooms, groups, types, strict=True))
        usual = problems.count(None) == len(problems) and None not in sizes and self._raw is None
        if texts is None or not usual:
            return "".join(map(self._unusual, messages, heads))
        return "".join(
            [
                f'{head}{body}, "seen_at": "{seen_at}", "bytes": {size}, "problem": null}}\n'
                for head, body, seen_at, size in zip(heads, texts, _times(moments), sizes)  # noqa: B905 - times may go on for ever
            ]
        )

    def _unusual(self, message: Message, head: str) -> str:
        body = _body(message.body)
        problem = TOO_DEEP if body is None else message.problem
        rest = {"seen_at": message.seen_at.isoformat(), "bytes": message.bytes, "problem": problem}
        if self._raw is not None:
            rest["raw"] = self._raw.told(message.payload)
        return f"{head}{body or '{}'}, {_encode(rest)[1:]}\n"


def _times(moments: Sequence[datetime]) -> Iterable[str]:
    """Return each moment as text; mostly all are the same one."""
    if moments.count(moments[0]) == len(moments):
        return repeat(moments[0].isoformat())
    return map(datetime.isoformat, moments)


class _Heads(dict[tuple[str | None, str, str | None], str]):
    """How the objects begin, by room, group and type."""

    def __missing__(self, key: tuple[str | None, str, str | None]) -> str:
        if len(self) >= _KEPT:
            self.clear()
        room, group, type_ = map(_encode, key)
        head = f'{{"kind": "message", "room": {room}, "group": {group}, "type": {type_}, "body": '
        self[key] = head
        return head


def _bodies(bodies: Sequence[dict[str, Any]]) -> Sequence[str] | None:
    """Return each body as JSON, `None` where one holds what JSON has no word for."""
    mixed: list[Any] = [_BETWEEN] * (2 * len(bodies) - 1)
    mixed[::2] = bodies
    try:
        return _encode(mixed)[1:-1].split(_SPLIT)
    except (ValueError, TypeError, RecursionError):
        return None


def _body(body: dict[str, Any]) -> str | None:
    """Return the body as JSON, `None` where it is nested too deeply."""
    try:
        return _encode(plain(body))
    except RecursionError:
        return None
