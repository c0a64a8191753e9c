"""The way from the ASGI application to each consumer, through routers, middleware, closures."""

import inspect
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from chatops.errors import BrokenProject, foreign
from chatops.project.aside import aside

_DEEPEST = 40
_INNER = ("inner", "application", "app")


@dataclass(frozen=True, slots=True)
class Way:
    """Where a way ends, and what it went through, the outermost first.

    `end` is a consumer class, or something that leads no further; `called` is false for a
    consumer class that is routed to without `.as_asgi()`. `protocol` is the key in the
    ProtocolTypeRouter, `None` where there was none.
    """

    end: Any
    through: tuple[Any, ...]
    protocol: str | None
    called: bool = True

    @property
    def is_consumer(self) -> bool:
        """Tell whether this way leads to a consumer."""
        return isinstance(self.end, type)

    @property
    def name(self) -> str:
        """Name the class that it leads to."""
        return f"{self.end.__module__}.{self.end.__qualname__}"


def application() -> Any:  # noqa: ANN401 - anything that can be called
    """Import what ASGI_APPLICATION names, `None` where it names nothing.

    Raises `BrokenProject` where that fails.
    """
    from django.conf import settings  # noqa: PLC0415 - imports Django
    from django.core.exceptions import SynchronousOnlyOperation  # noqa: PLC0415

    dotted = getattr(settings, "ASGI_APPLICATION", None)
    if dotted is None:
        return None
    with foreign(BrokenProject, f"ASGI_APPLICATION = {dotted!r} cannot be loaded"), aside():
        try:
            found = _imported(dotted)
        except SynchronousOnlyOperation:  # asgi.py asks the database, and we are in a loop
            with ThreadPoolExecutor(1) as apart:
                found = apart.submit(_imported, dotted).result()
    if found is None:
        raise BrokenProject(f"ASGI_APPLICATION = {dotted!r} is None there: no server can start.")
    return found


def _imported(dotted: str) -> Any:  # noqa: ANN401
    module, _, name = dotted.rpartition(".")
    return getattr(import_module(module), name)


def ways(start: Any) -> list[Way]:  # noqa: ANN401 - as above
    """Follow every way inwards; consumers that several ways lead to come once for each."""
    return list(_Walk().from_(start, (), None))


class _Walk:
    """One walk; what was seen under the same conditions is not entered again."""

    def __init__(self) -> None:
        self._seen: set[tuple[object, ...]] = set()

    def from_(self, here: Any, through: tuple[Any, ...], protocol: str | None) -> Iterator[Way]:  # noqa: ANN401
        if (way := _end(here, through, protocol)) is not None:
            yield way
            return
        # Under the same kinds of wrappers the same consumers would be found once more.
        key = (id(here), protocol, frozenset(map(_kind, through)))
        if key in self._seen or len(through) > _DEEPEST:
            return
        self._seen.add(key)
        inside = {id(inner): (name, inner) for name, inner in _inside(here)}
        if not inside and not _is_django(here):
            yield Way(here, through, protocol)
        for name, inner in inside.values():
            yield from self.from_(inner, (*through, here), protocol or name)


def _kind(wrapper: Any) -> object:  # noqa: ANN401
    """Tell wrappers apart as far as they differ in what they do; validators by their list."""
    return id(wrapper) if hasattr(wrapper, "allowed_origins") else type(wrapper)


def _end(here: Any, through: tuple[Any, ...], protocol: str | None) -> Way | None:  # noqa: ANN401
    consumer = getattr(here, "consumer_class", None)
    if isinstance(consumer, type):
        return Way(consumer, through, protocol)
    if isinstance(here, type):
        return Way(here, through, protocol, called=False)
    if inspect.ismethod(here) and here.__name__ == "as_asgi" and isinstance(here.__self__, type):
        return Way(here.__self__, through, protocol, called=False)
    return None


def _inside(here: Any) -> Iterator[tuple[str | None, Any]]:  # noqa: ANN401
    """Yield what is called from here, each with the protocol that it is for."""
    if _is_django(here):
        return  # Django's own handlers hold views, not consumers
    if isinstance(mapping := getattr(here, "application_mapping", None), dict):
        named = _is_protocols(here)
        for key, inner in mapping.items():
            yield (str(key) if named else None), inner
    for route in getattr(here, "routes", None) or ():
        if (callback := getattr(route, "callback", None)) is not None:
            yield None, callback
    for inner in _held(here):
        yield None, inner


def _held(here: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield what a middleware keeps, and what a closure closes over."""
    for name, value in getattr(here, "__dict__", {}).items():
        if callable(value) and (not isinstance(value, type) or _is_routed(name, value)):
            yield value
    for cell in getattr(here, "__closure__", None) or ():
        try:
            value = cell.cell_contents
        except ValueError:  # not filled yet
            continue
        if callable(value) and not isinstance(value, type):
            yield value


def _is_django(here: Any) -> bool:  # noqa: ANN401
    return type(here).__module__.startswith("django.")


def _is_protocols(here: Any) -> bool:  # noqa: ANN401
    from channels.routing import ProtocolTypeRouter  # noqa: PLC0415 - imports Django

    return isinstance(here, ProtocolTypeRouter)


def _is_routed(name: str, value: type) -> bool:
    from channels.consumer import AsyncConsumer  # noqa: PLC0415 - imports Django

    return name in _INNER and issubclass(value, AsyncConsumer)
