"""Which consumers the ASGI application routes to, and what each of them handles."""

import difflib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
        for name, value in inspect.getmembers(cls, callable)
        if name not in theirs and not name.startswith("_") and _takes_an_event(value)
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


def _takes_an_event(method: Callable[..., object]) -> bool:
    """Tell whether Channels could call it; a wrapper that hides its arguments can be."""
    if isinstance(method, type):
        return False
    try:
        inspect.signature(method).bind("self", {})
    except TypeError:
        return False
    except ValueError:  # it has no signature to ask
        return True
    return True
