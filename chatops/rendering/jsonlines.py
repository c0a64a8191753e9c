"""Results as JSON, one object a line."""

import base64
import dataclasses
import json
from datetime import datetime
from typing import IO, Any

from chatops.model.message import Ready
from chatops.model.result import Result


class JsonLines:
    """Every result is a line on `out` at once; all talk is a line on `talk`."""

    def __init__(self, out: IO[str], talk: IO[str]) -> None:
        self._out = out
        self._talk = talk

    def show(self, value: Result) -> None:
        """Write one result; that we are ready is talk."""
        stream = self._talk if isinstance(value, Ready) else self._out
        fields = {name.name: getattr(value, name.name) for name in dataclasses.fields(value)}
        stream.write(f"{json.dumps({'kind': value.kind, **fields}, default=_plain)}\n")
        stream.flush()

    def error(self, message: str) -> None:
        """Write what went wrong."""
        self._talk.write(f"{json.dumps({'kind': 'error', 'error': message})}\n")
        self._talk.flush()

    def note(self, message: str) -> None:
        """Write what a person may want to know."""
        self._talk.write(f"{json.dumps({'kind': 'note', 'note': message})}\n")
        self._talk.flush()

    def close(self) -> None:
        """Nothing is held back."""


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever an event holds
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return {"base64": base64.b64encode(value).decode()}
    return repr(value)
