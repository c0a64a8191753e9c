"""What an event says: who and what for the shapes that chats use, compact values for the rest."""

from typing import Any

from chatops.rendering.visible import visible

LONGEST = 2000
"""Characters of one line of a message; what is cut off is told."""

TOO_DEEP = "nested too deeply to be shown"

_WHO = ("name", "from", "username", "user", "sender")
_WHAT = ("text", "message")


def who(body: dict[str, Any]) -> str | None:
    """Return who said it, where the event tells by one of the usual words."""
    for word in _WHO:
        if word in body:
            found = body[word]
            if isinstance(found, dict):
                found = found.get("name") or found.get("username")
            if isinstance(found, str) and found:
                return found
    return None


def what(body: dict[str, Any]) -> str | None:
    """Return what was said, where the event tells by one of the usual words."""
    for word in _WHAT:
        if word in body:
            found = body[word]
            if isinstance(found, dict):
                found = found.get("text")
            if isinstance(found, str):
                return found
    return None


def values(body: dict[str, Any]) -> str:
    """Return all values but the type in one line."""
    try:
        return " ".join(f"{key}={value!r}" for key, value in body.items() if key != "type")
    except RecursionError:
        return TOO_DEEP


def cut(text: str) -> str:
    """Return harmless text of one line, no longer than `LONGEST`; the length is told."""
    if len(text) <= LONGEST:
        return visible(text)
    return f"{visible(text[:LONGEST])}… ({len(text)} characters)"
