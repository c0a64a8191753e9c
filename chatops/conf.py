"""`settings.CHATOPS` as a frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from chatops.errors import BadSetting

SYSTEM_MESSAGE: Mapping[str, Any] = MappingProxyType(
    {
        "type": "chat.system",
        "text": "{message}",
        "level": "{level}",
        "from": "{from}",
        "id": "{id}",
        "at": "{at}",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conf:
    """How this project uses its channel layers, in its own words.

    `room_group` is a template with `{room}`, or the dotted path of an object with
    `group(room)` and `room(group)`. `broadcast_event` is a template dict, or the dotted
    path of a callable. `prepare_layer` is the dotted path of a callable that takes the
    layer's alias and is called before the layer is first used. `roster` is the dotted path of
    an async callable that takes a room and yields people. `health_seconds` is how long the
    answer of a health check stands.
    """

    room_group: str = "chat_{room}"
    broadcast_event: Mapping[str, Any] | str = field(default_factory=lambda: SYSTEM_MESSAGE)
    prepare_layer: str | None = None
    roster: str | None = None
    health_seconds: float = 10


_TYPES: dict[str, tuple[type, ...]] = {
    "room_group": (str,),
    "broadcast_event": (Mapping, str),
    "prepare_layer": (str, type(None)),
    "roster": (str, type(None)),
    "health_seconds": (int, float),
}


def read(setting: object) -> Conf:
    """Turn the setting, a dict with upper-case names, into a `Conf`.

    Raises `BadSetting` for an unknown name or a value of the wrong type.
    """
    if not isinstance(setting, Mapping):
        raise BadSetting(f"CHATOPS must be a dict, not {type(setting).__name__}.")
    known = {entry.name.upper(): entry.name for entry in fields(Conf)}
    values: dict[str, Any] = {}
    for name, value in setting.items():
        if name not in known:
            raise BadSetting(
                f"CHATOPS[{name!r}] is not a setting of chatops; known are {', '.join(known)}."
            )
        if not isinstance(value, _TYPES[known[name]]):
            raise BadSetting(f"CHATOPS[{name!r}] cannot be a {type(value).__name__}.")
        values[known[name]] = value
    seconds = values.get("health_seconds", 0)
    if isinstance(seconds, bool) or not seconds >= 0:
        raise BadSetting(f"CHATOPS['HEALTH_SECONDS'] is a number of seconds, not {seconds!r}.")
    return Conf(**values)
