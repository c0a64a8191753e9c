"""The event that a broadcast sends, in the project's own shape."""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chatops.conf import Conf
from chatops.errors import BadSetting, BadValue, foreign
from chatops.model.target import Target
from chatops.project.load import imported

_WORD = re.compile(r"\{(message|room|id|at)\}")


def broadcast_event(
    conf: Conf,
    message: str,
    target: Target,
    type: str | None = None,  # noqa: A002 - its name
) -> dict[str, Any]:
    """Build the event for one room from CHATOPS["BROADCAST_EVENT"].

    A template's strings may contain `{message}`, `{room}`, `{id}` (a new UUID) and `{at}`
    (now, ISO 8601 in UTC). A callable gets `message` and `room`. `type` replaces the event's.
    """
    if not message.strip():
        raise BadValue("The message is empty.")
    if isinstance(conf.broadcast_event, str):
        build = imported(conf.broadcast_event, "BROADCAST_EVENT")
        with foreign(BadSetting, "CHATOPS['BROADCAST_EVENT'] failed"):
            event = build(message, room=str(target))
    else:
        words = {
            "message": message,
            "room": str(target),
            "id": str(uuid.uuid4()),
            "at": datetime.now(UTC).isoformat(),
        }
        event = {key: _filled(value, words) for key, value in conf.broadcast_event.items()}
    if not isinstance(event, dict):
        raise BadSetting("CHATOPS['BROADCAST_EVENT'] must give a dict.")
    if type is not None:
        event["type"] = type
    if not isinstance(event.get("type"), str):
        raise BadSetting("CHATOPS['BROADCAST_EVENT'] gives an event without a `type`.")
    return event


def _filled(value: Any, words: Mapping[str, str]) -> Any:  # noqa: ANN401 - any serializable value
    """Replace the words in one pass, so that a message with braces in it stays as it is."""
    match value:
        case str():
            return _WORD.sub(lambda found: words[found[1]], value)
        case Mapping():
            return {key: _filled(inner, words) for key, inner in value.items()}
        case list() | tuple():
            return [_filled(inner, words) for inner in value]
        case _:
            return value
