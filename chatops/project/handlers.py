"""Which consumers the ASGI application routes to, and what each of them handles."""

import difflib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatops.project.callable import takes_an_event
from chatops.project.walk import Way, application, ways

_HANDS_ON = "chatops.consumers"
"""Where a mixin of ours is, that hands on every event."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """One consumer class that the application routes to.

    A `lenient` one decides by itself what it does with an event, so that nobody can know.
    """

    name: str
    handled: frozenset[str]
    lenient: bool = False
    cls: type | None = None

    def handles(self, type: str) -> bool:  # noqa: A002 - the field's own name
        """Tell whether an event of this type finds a handler of the project's own.

        Methods of Channels' base classes do not count: `websocket.disconnect` or `close`
        would find one, and tear the consumer down.
        """
        return type.replace(".", "_") in self.handled

    def lacks(self, event: Mapping[str, Any], type: str | None = None) -> frozenset[str]:  # noqa: A002
        """Return the fields that its handler cannot do without and that the event has not.

        That is the handler of the event's type, or of the `type` that it could have instead.
        """
        from chatops.project.needed import needed  # noqa: PLC0415 - parses its code

        if self.cls is None or self.lenient:
            return frozenset()
        name = (type or event["type"]).replace(".", "_")
        return needed(self.cls, name) - event.keys() if name in self.handled else frozenset()

    def takes(self, event: Mapping[str, Any]) -> bool:
        """Tell whether the event would not close its socket, as far as anybody can know."""
        return self.lenient or (self.handles(event["type"]) and not self.lacks(event))

    @property
    def alias(self) -> str:
        """The layer that it hears."""
        return str(getattr(self.cls, "channel_layer_alias", "default"))

    @property
    def groups(self) -> tuple[str, ...] | None:
        """A pattern for each name by which it joins groups; `None` where nobody can know."""
        from chatops.project.membership import groups_of  # noqa: PLC0415 - parses its code

        return None if self.cls is None else groups_of(self.cls)


def nearest(type: str, consumers: Sequence[Consumer]) -> str | None:  # noqa: A002 - as above
    """Name the handled type that is most like this one, and whose it is."""
    likeness = difflib.SequenceMatcher(b=type.replace(".", "_"))

    def alike(found: tuple[str, str]) -> float:
        likeness.set_seq1(found[0])
        return likeness.ratio()

    handled = [(name, each.name) for each in consumers for name in sorted(each.handled)]
    if not handled:
        return None
    method, consumer = max(handled, key=alike)
    return f"{method.replace('_', '.', 1)!r} of {consumer}"


def consumers() -> list[Consumer]:
    """Walk ASGI_APPLICATION to every consumer class; empty where none can be seen.

    Raises `BrokenProject` where the application is named but cannot be loaded.
    """
    return consumers_of(ways(application()))


def consumers_of(found: Sequence[Way]) -> list[Consumer]:
    """Describe the consumers that these ways lead to, each once."""
    classes = dict.fromkeys(way.end for way in found if way.is_consumer)
    return [_consumer(each) for each in classes]


def _consumer(cls: type) -> Consumer:
    theirs = {
        name
        for base in cls.__mro__
        if base.__module__.startswith("channels.")
        for name in vars(base)
    }
    handled = {
        name
        for name, _ in inspect.getmembers(cls, callable)
        if name not in theirs and not name.startswith("_") and takes_an_event(cls, name)
    }
    name = f"{cls.__module__}.{cls.__qualname__}"
    return Consumer(name, frozenset(handled), lenient=_is_lenient(cls), cls=cls)


def _is_lenient(cls: type) -> bool:
    return any(
        name in vars(base)
        for base in cls.__mro__
        if base is not object and not base.__module__.startswith(("channels.", _HANDS_ON))
        for name in ("dispatch", "__getattr__", "__getattribute__")
    )
