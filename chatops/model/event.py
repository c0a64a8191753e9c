"""An event as a user types it."""

import json
from typing import Any, NoReturn

from chatops.errors import BadValue

_EXAMPLE = """an event is an object such as '{"type": "hello"}'"""


def read_event(text: str) -> dict[str, Any]:
    """Read an event from JSON; raises `BadValue` for what no consumer could take."""
    try:
        event = json.loads(text, parse_constant=_unknown)
    except (ValueError, RecursionError) as error:
        raise BadValue(f"The event is not JSON ({error}); {_EXAMPLE}.") from error
    if not isinstance(event, dict):
        raise BadValue(f"The event is not an object; {_EXAMPLE}.")
    if not isinstance(event.get("type"), str):
        raise BadValue(f'The event has no text as "type", to be handled by; {_EXAMPLE}.')
    if "__asgi_channel__" in event:
        raise BadValue("The event has '__asgi_channel__', which is the layer's own word.")
    return event


def _unknown(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
