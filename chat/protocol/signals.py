"""What server processes tell each other about a room, over its group.

The database has all of it but the typing; these only make it quick. Other code may send to the
group too, so what is odd is dropped.
"""

from collections.abc import Mapping
from typing import Any

PEOPLE, TYPING, ACT = "chat.people", "chat.typing", "chat.act"


def typing(author: str, name: str) -> dict[str, Any]:
    """Return the event that tells that somebody is typing."""
    return {"type": TYPING, "author": author, "name": name}


def act(number: int) -> dict[str, Any]:
    """Return the event that tells that staff did something, which the database has."""
    return {"type": ACT, "act": number}


def is_sound(event: Mapping[str, Any]) -> bool:
    """Tell whether an event is one of these, with what it needs."""
    match event:
        case {"type": "chat.people", "turn": int(), "server": str(), "whole": bool()}:
            came, went, named = event.get("came"), event.get("went"), event.get("named", [])
            return (
                isinstance(came, list)
                and all(map(_is_arrival, came))
                and isinstance(went, list)
                and all(isinstance(key, str) for key in went)
                and isinstance(named, list)
                and all(map(_is_name, named))
            )
        case {"type": "chat.typing", "author": str(), "name": str()}:
            return True
        case {"type": "chat.act"}:
            return True
    return False


def _is_arrival(each: object) -> bool:
    match each:
        case [str(), str(), str(), bool()]:
            return True
    return False


def _is_name(each: object) -> bool:
    match each:
        case [str(), str(), str()]:
            return True
    return False
