"""Who the people in a room are, as the project itself knows them."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from typing import Any

from chatops.conf import Conf
from chatops.errors import BadSetting, foreign
from chatops.model.member import Person
from chatops.project.load import imported

Roster = Callable[[str], Any]
"""Takes a room and yields people: a name each, or a mapping with at least a `name`."""


def roster(conf: Conf) -> Roster | None:
    """Import CHATOPS["ROSTER"]; `None` where the project names none."""
    if conf.roster is None:
        return None
    found = imported(conf.roster, "ROSTER")
    if not callable(found):
        raise BadSetting(f"CHATOPS['ROSTER'] = {conf.roster!r} cannot be called.")
    return found  # type: ignore[no-any-return] # just found to be callable


async def people(ask: Roster, room: str) -> AsyncIterator[Person]:
    """Yield the people in a room; raises `BadSetting` for what the roster does wrong."""
    with foreign(BadSetting, f"CHATOPS['ROSTER'] failed for {room!r}"):
        answer = ask(room)
        found = [each async for each in answer] if _streams(answer) else list(await answer)
    for each in found:
        yield _person(room, each)


def _streams(answer: object) -> bool:
    return isinstance(answer, AsyncIterable)


def _person(room: str, said: object) -> Person:
    match said:
        case str():
            return Person(room=room, name=said)
        case Mapping():
            details = {str(key): value for key, value in said.items()}
            if isinstance(name := details.pop("name", None), str):
                return Person(room=room, name=name, details=details)
    raise BadSetting(
        f"CHATOPS['ROSTER'] gave {said!r}: a person is a name, or a mapping with a `name`."
    )
