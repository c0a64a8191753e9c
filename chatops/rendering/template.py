"""A line of the user's own: `{seen_at:%H:%M:%S} {room} {body[text]}`."""

import json
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chatops.errors import BadValue
from chatops.model.message import Message
from chatops.rendering.shape import what, who
from chatops.rendering.visible import visible

MISSING = "-"
_OWN = {"who": who, "text": what}
"""What is found in an event by the usual words."""
_FIELDS = ("seen_at", "room", "group", "type", "body", "bytes", "problem", *_OWN)
_SAMPLES: dict[str, tuple[object, ...]] = {"seen_at": (datetime.now(UTC),), "bytes": (0,)}


@dataclass(frozen=True, slots=True)
class _Part:
    """Literal text, and after it a field, where there is one."""

    literal: str
    field: str | None = None
    keys: tuple[str, ...] = ()
    spec: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """Text with fields; looks into an event by its keys alone, never at a value's attributes."""

    parts: Sequence[_Part]

    def line(self, message: Message) -> str:
        """Fill in what there is; what is missing is a dash, and what is there is harmless."""
        return "".join(
            part.literal if part.field is None else f"{part.literal}{_filled(part, message)}"
            for part in self.parts
        )


def template(text: str) -> Template:
    """Read a template; raises `BadValue` for what is none."""
    try:
        found = list(string.Formatter().parse(text))
    except ValueError as error:
        raise BadValue(f"{text!r} is no template: {error}.") from error
    parts = [
        _part(text, literal, field, spec or "", conversion)
        for literal, field, spec, conversion in found
    ]
    if not any(part.field for part in parts):
        raise BadValue(f"{text!r} has no field; there are {', '.join(_FIELDS)}.")
    return Template(parts)


def _part(text: str, literal: str, field: str | None, spec: str, conversion: str | None) -> _Part:
    if field is None:
        return _Part(literal)
    name, bracket, rest = field.partition("[")
    if name not in _FIELDS:
        raise BadValue(
            f"{text!r} has no such field as {name!r}; there are {', '.join(_FIELDS)}, "
            "and {body[text]} looks into the event."
        )
    keys = rest.removesuffix("]").split("][") if bracket else []
    if bracket and (name != "body" or not field.endswith("]") or not all(keys)):
        raise BadValue(
            f"{{{field}}} is no field: keys are of the body, as in {{body[user][name]}}."
        )
    if conversion is not None or "{" in spec:
        raise BadValue(f"{{{field}}} in {text!r} takes a format after a colon, and nothing else.")
    if not any(_formats(sample, spec) for sample in _SAMPLES.get(name, ("", 0))):
        raise BadValue(f"{spec!r} is no format for {{{field}}}.")
    return _Part(literal, name, tuple(keys), spec)


def _formats(sample: object, spec: str) -> bool:
    try:
        format(sample, spec)
    except ValueError:
        return False
    return True


def _filled(part: _Part, message: Message) -> str:
    value: Any
    if part.field in _OWN:
        value = _OWN[part.field](message.body)
    else:
        value = getattr(message, part.field or "")
    for key in part.keys:
        value = _inside(value, key)
    match value:
        case None:
            value = MISSING
        case datetime():
            value = value.astimezone()
        case bool() | dict() | list():
            value = _compact(value)
        case str() | int() | float():
            pass
        case _:
            value = repr(value)
    try:
        return visible(format(value, part.spec))
    except ValueError:  # what is there is of another type than usual
        return visible(str(value))


def _inside(value: Any, key: str) -> Any:  # noqa: ANN401 - any value of an event
    match value:
        case dict():
            return value.get(key)
        case list() if key.isdecimal() and int(key) < len(value):
            return value[int(key)]
        case _:
            return None


def _compact(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=repr)
    except (ValueError, TypeError, RecursionError):
        return MISSING
