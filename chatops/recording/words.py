"""Values of an event as JSON, and back, exactly.

What JSON can say is said as it is. The rest is an object with one key, which is a word of ours; an
event's own object that looks like one is written as pairs.
"""

import base64
import math
from collections.abc import Mapping
from typing import Any

WORDS = {
    "base64": "bytes",
    "float": "nan, inf or -inf",
    "pairs": "an object whose keys are not all texts, or that looks like one of these words",
    "unknown": "what a recording has no word for, as Python shows it",
}
"""Each word and what it stands for, as the header of a recording tells."""

_PLAIN = frozenset({str, int, bool, type(None)})


def written(value: Any) -> Any:  # noqa: ANN401, PLR0911 - whatever an event holds
    """Return what JSON can say of the value."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        if _is_plain(value):
            return {key: written(inner) for key, inner in value.items()}
        return {"pairs": [[written(key), written(inner)] for key, inner in value.items()]}
    if kind is list:
        return [written(each) for each in value]
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind is bytes:
        return {"base64": base64.b64encode(value).decode()}
    return {"unknown": repr(value)}


def meant(value: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return what one object of JSON stands for, whose values have been replaced already.

    Raises `ValueError` or `TypeError` for a word of ours that is used wrongly.
    """
    if len(value) != 1:
        return value
    match value:
        case {"base64": str(text)}:
            return base64.b64decode(text, validate=True)
        case {"float": "nan" | "inf" | "-inf" as text}:
            return float(text)
        case {"pairs": list(pairs)}:
            return dict(pairs)
        case {"unknown": str(text)}:
            return text
    if _is_plain(value):
        return value
    raise ValueError(f"{next(iter(value))!r} is not followed by what it stands for")


def unknown(value: Any) -> str | None:  # noqa: ANN401 - what `written` returned
    """Return what a recording had no word for, the first of it."""
    match value:
        case {"unknown": str(text)} if len(value) == 1:
            return text
        case dict():
            return next(filter(None, map(unknown, value.values())), None)
        case list():
            return next(filter(None, map(unknown, value)), None)
        case _:
            return None


def _is_plain(value: Mapping[Any, Any]) -> bool:
    if len(value) == 1 and next(iter(value)) in WORDS:
        return False
    return all(type(key) is str for key in value)
