"""One line of a recording, and what it says."""

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from chatops import __version__
from chatops.model.message import Gap, Message
from chatops.model.recorded import Began, Recorded
from chatops.recording.words import WORDS, meant, unknown, written

VERSION = 1

_dumps = json.JSONEncoder(check_circular=False).encode


def header() -> bytes:
    """Return the line that says what follows."""
    told = {
        "kind": Began.kind,
        "version": VERSION,
        "by": f"chatops {__version__}",
        "at": datetime.now(UTC).isoformat(),
        "words": WORDS,
    }
    return f"{_dumps(told)}\n".encode()


def line(value: Message | Gap) -> bytes:
    """Return one value as `tail --json` names it, with all its values as they were.

    A message with a value that a recording has no word for gets this as its problem.
    """
    if isinstance(value, Message):
        return _message(value).encode()
    told = {
        "kind": value.kind,
        "room": value.room,
        "group": value.group,
        "seconds": value.seconds,
        "reason": value.reason,
        "missed": value.missed,
    }
    return f"{_dumps(told)}\n".encode()


def _message(value: Message) -> str:
    problem = value.problem
    try:
        body = _dumps(written(value.body))
    except RecursionError:
        body, problem = "{}", "nested too deeply to be recorded"
    if problem is None and '{"unknown": ' in body and (what := unknown(written(value.body))):
        problem = f"holds what cannot be recorded: {what}"
    size = "null" if value.bytes is None else value.bytes
    why = "null" if problem is None else _dumps(problem)
    rest = f'"seen_at": "{value.seen_at.isoformat()}", "bytes": {size}, "problem": {why}'
    return f"{_place(value.room, value.group, value.type)}{body}, {rest}}}\n"


@lru_cache(10_000)  # the wire decides how many there are
def _place(room: str | None, group: str, type_: str | None) -> str:
    place = _dumps({"kind": "message", "room": room, "group": group, "type": type_})
    return f'{place[:-1]}, "body": '


def read(text: bytes) -> Recorded:
    """Return what a line says; raises `ValueError` with what is wrong with it."""
    try:
        found = json.loads(text, object_hook=meant)
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"not a line of JSON as recordings have it ({error})") from error
    match found:
        case {"kind": "message", "group": str(group), "body": dict(body), "seen_at": str(at)}:
            return Message(
                room=_text(found, "room"),
                group=group,
                type=_text(found, "type"),
                body=body,
                seen_at=_moment(at),
                bytes=_count(found, "bytes"),
                problem=_text(found, "problem"),
            )
        case {"kind": Gap.kind, "reason": str(reason)}:
            return Gap(
                room=_text(found, "room"),
                group=_text(found, "group"),
                seconds=_seconds(found),
                reason=reason,
                missed=_count(found, "missed"),
            )
        case {"kind": Began.kind, "version": int(version)}:
            return Began(version=version)
        case {"kind": str(kind)}:
            raise ValueError(f"not what a recording says of a {kind!r}")
        case _:
            raise ValueError("not an object of a recording")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment


def _text(found: dict[str, Any], name: str) -> str | None:
    match found.get(name):
        case None | str() as text:
            return text
        case _:
            raise ValueError(f"its {name} is no text")


def _count(found: dict[str, Any], name: str) -> int | None:
    match found.get(name):
        case bool():
            raise ValueError(f"its {name} is no number")
        case None | int() as count:
            return count
        case _:
            raise ValueError(f"its {name} is no number")


def _seconds(found: dict[str, Any]) -> float | None:
    match found.get("seconds"):
        case None | int() | float() as seconds:
            return seconds
        case _:
            raise ValueError("its seconds are no number")
