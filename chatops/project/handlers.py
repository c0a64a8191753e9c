"""Which consumers the ASGI application routes to, and what each of them handles."""

import difflib
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chatops.errors import BrokenProject, foreign

_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Consumer:
    """One consumer class that the application routes to."""

    name: str
    handled: frozenset[str]

    def handles(self, type: str) -> bool:  # noqa: A002 - the field's own name
        """Tell whether an event of this type finds a handler of the project's own.

        Methods of Channels' base classes do not count: `websocket.disconnect` or `close`
        would find one, and tear the consumer down.
        """
        return type.replace(".", "_") in self.handled


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
    from channels.routing import get_default_application  # noqa: PLC0415 - imports Django
    from django.conf import settings  # noqa: PLC0415

    if getattr(settings, "ASGI_APPLICATION", None) is None:
        return []
    with foreign(BrokenProject, "ASGI_APPLICATION cannot be loaded"):
        application = get_default_application()
    found = {each: _consumer(each) for each in _classes(application, set(), 0)}
    return list(found.values())


def _classes(application: Any, seen: set[int], depth: int) -> Iterator[type]:  # noqa: ANN401
    """Follow routers, middleware and decorators inwards."""
    if id(application) in seen or depth > _DEEPEST:
        return
    seen.add(id(application))
    if isinstance(consumer := getattr(application, "consumer_class", None), type):
        yield consumer
        return
    for inner in _inside(application):
        yield from _classes(inner, seen, depth + 1)


def _inside(application: Any) -> Iterator[Any]:  # noqa: ANN401
    if type(application).__module__.startswith("django."):
        return  # Django's own handlers hold views, not consumers
    if isinstance(mapping := getattr(application, "application_mapping", None), dict):
        yield from mapping.values()
    for route in getattr(application, "routes", None) or ():
        yield getattr(route, "callback", None)
    for value in getattr(application, "__dict__", {}).values():
        if callable(value) and not isinstance(value, type):
            yield value
    for cell in getattr(application, "__closure__", None) or ():
        if callable(cell.cell_contents) and not isinstance(cell.cell_contents, type):
            yield cell.cell_contents


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
    return Consumer(f"{cls.__module__}.{cls.__qualname__}", frozenset(handled))


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
