"""The event that a broadcast sends, in the project's own shape."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatops.conf import Conf
from chatops.errors import BadSetting, BadValue, foreign
from chatops.model.event import Level, Saying
from chatops.model.target import Target
from chatops.project.load import imported

_WORD = re.compile(r"\{(message|room|id|at|level|from)\}")
_ASKED = {"level": "level", "from": "sender"}
"""Words that only some events have a place for, and how a callable takes them."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Makes the event for each room; `same` where it is one for all."""

    make: Callable[[Target], dict[str, Any]]
    same: bool

    def __call__(self, target: Target) -> dict[str, Any]:
        """Return the event for this room."""
        return self.make(target)


def wording(conf: Conf, saying: Saying) -> Wording:
    """Put what is said into CHATOPS["BROADCAST_EVENT"].

    A template's strings may contain `{message}`, `{room}`, `{id}`, `{at}` (ISO 8601 in UTC),
    `{level}` and `{from}`; a string that is `{from}` alone becomes `None` where nobody is named.
    A callable gets `message` and `room`, and `level` and `sender` where it takes them. Raises
    `BadValue` for what has no place in the event.
    """
    if saying.event is not None:
        event = saying.event
        return Wording(lambda _: event, same=True)
    if not saying.message.strip():
        raise BadValue("The message is empty.")
    build = _called(conf.broadcast_event, saying)
    if build is None:
        template: Any = conf.broadcast_event
        for word in _ASKED:
            _require(word, saying, has_place=f"{{{word}}}" in _texts(template))
        same = "{room}" not in _texts(template)
        return Wording(
            lambda target: _typed(_filled(template, _words(saying, target)), saying), same
        )
    return Wording(lambda target: _typed(build(target), saying), same=False)


def _called(named: object, saying: Saying) -> Callable[[Target], Any] | None:
    if not isinstance(named, str):
        return None
    build = imported(named, "BROADCAST_EVENT")
    said = {"level": str(saying.level or Level.INFO), "sender": saying.sender}
    with foreign(BadSetting, f"CHATOPS['BROADCAST_EVENT'] = {named!r} cannot be called"):
        taken = inspect.signature(build).parameters
    takes_all = any(each.kind is each.VAR_KEYWORD for each in taken.values())
    more = {name: value for name, value in said.items() if takes_all or name in taken}
    for word, name in _ASKED.items():
        _require(word, saying, has_place=name in more)

    def made(target: Target) -> Any:  # noqa: ANN401 - whatever the project gives
        with foreign(BadSetting, "CHATOPS['BROADCAST_EVENT'] failed"):
            return build(saying.message, room=str(target), **more)

    return made


def _require(word: str, saying: Saying, *, has_place: bool) -> None:
    if getattr(saying, _ASKED[word]) is not None and not has_place:
        raise BadValue(
            f"--{word}: CHATOPS['BROADCAST_EVENT'] has no place for it; a template needs "
            f"'{{{word}}}', a callable an argument `{_ASKED[word]}`."
        )


def _typed(event: Any, saying: Saying) -> dict[str, Any]:  # noqa: ANN401 - as above
    if not isinstance(event, dict):
        raise BadSetting("CHATOPS['BROADCAST_EVENT'] must give a dict.")
    if saying.type is not None:
        event["type"] = saying.type
    if not isinstance(event.get("type"), str):
        raise BadSetting("CHATOPS['BROADCAST_EVENT'] gives an event without a `type`.")
    return event


def _words(saying: Saying, target: Target) -> Mapping[str, str | None]:
    return {
        "message": saying.message,
        "room": str(target),
        "id": saying.id,
        "at": saying.at,
        "level": str(saying.level or Level.INFO),
        "from": saying.sender,
    }


def _filled(value: Any, words: Mapping[str, str | None]) -> Any:  # noqa: ANN401
    """Replace the words in one pass, so that a message with braces in it stays as it is."""
    match value:
        case "{from}":
            return words["from"]
        case str():
            return _WORD.sub(lambda found: words[found[1]] or "", value)
        case Mapping():
            return {key: _filled(inner, words) for key, inner in value.items()}
        case list() | tuple():
            return [_filled(inner, words) for inner in value]
        case _:
            return value


def _texts(value: Any) -> str:  # noqa: ANN401
    """Return all texts of a template, one below the other."""
    match value:
        case str():
            return value
        case Mapping():
            return "\n".join(map(_texts, value.values()))
        case list() | tuple():
            return "\n".join(map(_texts, value))
        case _:
            return ""
