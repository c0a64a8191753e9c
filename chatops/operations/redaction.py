"""Hide fields of events."""

from collections.abc import Callable, Sequence
from typing import Any

from chatops.model.message import Gap, Heard, Message

HIDDEN = "***"
_DEEP = "nested too deeply to hide fields in it"


def redaction(fields: Sequence[str]) -> Callable[[Heard], Heard]:
    """Return what hides the fields in each event; `user.email` is one inside of another.

    Inside of a list, it is hidden in each item.
    """
    if not fields:
        return lambda heard: heard
    paths = [field.split(".") for field in fields]

    def redacted(heard: Heard) -> Heard:
        return [each if isinstance(each, Gap) else _redacted(each, paths) for each in heard]

    return redacted


def _redacted(message: Message, paths: Sequence[Sequence[str]]) -> Message:
    body: Any = message.body
    try:
        for path in paths:
            body = _hidden(body, path)
    except RecursionError:
        return message._replace(body={}, problem=_DEEP)
    return message._replace(body=body)


def _hidden(value: Any, path: Sequence[str]) -> Any:  # noqa: ANN401 - any value
    """Return the value with what is at the path hidden; it stays as it is itself."""
    if not path:
        return HIDDEN
    match value:
        case dict() if path[0] in value:
            return {**value, path[0]: _hidden(value[path[0]], path[1:])}
        case list() | tuple():
            return [_hidden(item, path) for item in value]
        case _:
            return value
