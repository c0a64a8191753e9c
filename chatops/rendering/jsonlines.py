"""Results as JSON, one object a line."""

import base64
import dataclasses
import json
import math
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import IO, Any

from chatops.errors import Exit, Unwritable
from chatops.model.message import Message, Shown
from chatops.model.result import Talk
from chatops.model.waiting import Waiting


class JsonLines:
    """Every result is a line on `out` at once; all talk is a line on `talk`."""

    def __init__(self, out: IO[str], talk: IO[str]) -> None:
        self._out = out
        self._talk = talk

    def show(self, value: Shown) -> None:
        """Write one result, or what is said beside them; progress is nothing to a program."""
        if isinstance(value, Waiting):
            return
        stream = self._talk if isinstance(value, Talk) else self._out
        stream.write(f"{dumps(value)}\n")
        stream.flush()

    def error(self, message: str, code: Exit) -> None:
        """Write what went wrong."""
        del code
        self._talk.write(f"{json.dumps({'kind': 'error', 'error': message})}\n")
        self._talk.flush()

    def note(self, message: str) -> None:
        """Write what a person may want to know."""
        self._talk.write(f"{json.dumps({'kind': 'note', 'note': message})}\n")
        self._talk.flush()

    def close(self) -> None:
        """Nothing is held back."""

    def finish(self, code: Exit) -> int:
        """Return the exit code as it is."""
        return code

    def lost(self, code: Exit) -> int:
        """Return the exit code where what was found could not be written."""
        return max(code, Unwritable.exit)


def dumps(value: Shown) -> str:
    """Return the object of one result."""
    if not isinstance(value, Message):
        try:
            return encode({"kind": value.kind, **_fields(value)})
        except (ValueError, TypeError):  # what JSON has no word for
            pass
    return encode({"kind": value.kind, **plain(value)})


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a dataclass, or anything else
    return {name: getattr(value, name) for name in _names(type(value))}  # type: ignore[arg-type] # a type can be hashed


@cache
def _names(kind: type[Any]) -> Sequence[str]:
    """Name the fields of a dataclass; nothing else has any."""
    known = dataclasses.is_dataclass(kind)
    return [field.name for field in dataclasses.fields(kind)] if known else ()


def plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 - whatever an event holds
    """Make JSON of any value; what JSON has no word for becomes text, or its bytes in base64."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else repr(value)
        case bytes() | bytearray():
            return {"base64": base64.b64encode(value).decode()}
        case datetime():
            return value.isoformat()
        case Message():
            return {name: plain(getattr(value, name)) for name in value._fields[:-1]}
        case dict():
            return {_key(key): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {
                field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)
            }
        case _:
            return repr(value)


def _rest(value: Any) -> Any:  # noqa: ANN401
    return _fields(value) or plain(value)


encode = json.JSONEncoder(check_circular=False, allow_nan=False, default=_rest).encode


def _key(key: object) -> str:
    match key:
        case str():
            return key
        case None | bool():
            return json.dumps(key)
        case _:
            return repr(key)
