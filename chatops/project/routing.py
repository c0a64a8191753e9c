"""Whether ASGI_APPLICATION leads to consumers (CHO304)."""

from collections.abc import Sequence
from typing import Any

from chatops.model.finding import Finding
from chatops.model.rules.application import ROUTING
from chatops.project.order import models_before_setup
from chatops.project.slashes import unmatched
from chatops.project.walk import Way

_EARLY = (
    "Call get_asgi_application() before that line, and keep what it returns for `http`: "
    "it loads the apps that models belong to."
)


def routing_finding(application: Any, found: Sequence[Way]) -> Finding:  # noqa: ANN401 - as in walk
    """Say where the ways end."""
    if uncalled := [way for way in found if not way.called]:
        name = uncalled[0].end.__qualname__
        return ROUTING.fail(
            f"{_names(uncalled)} is routed to as a class", f"Write {name}.as_asgi() there."
        )
    if (early := models_before_setup()) is not None:
        return ROUTING.warn(
            f"{early}: daphne and uvicorn would stop with AppRegistryNotReady", _EARLY
        )
    consumers = [way for way in found if way.is_consumer]
    if (route := unmatched(found)) is not None:
        return ROUTING.warn(
            f"the route {route!r} never matches: URLRouter takes the leading slash off the path",
            f"Write it without the slash: {route.replace('/', '', 1)!r}",
        )
    if consumers:  # of another protocol they may be: workers and HTTP streams need no socket
        return ROUTING.ok(f"leads to {_names(consumers)}")
    return _without_consumers(application, found)


def _without_consumers(application: Any, found: Sequence[Way]) -> Finding:  # noqa: ANN401
    protocols = getattr(application, "application_mapping", None)
    if isinstance(protocols, dict) and "websocket" not in protocols:
        return ROUTING.warn("the ProtocolTypeRouter has no `websocket`, so that sockets get 500")
    if opaque := [way for way in found if not (way.is_consumer or _is_channels(way.end))]:
        kind = type(opaque[0].end)
        return ROUTING.unknown(
            f"no consumer can be seen behind {kind.__module__}.{kind.__qualname__}",
            "Where this is no application of Channels: --skip CHO304",
        )
    if type(application).__module__.startswith("django."):
        return ROUTING.warn("ASGI_APPLICATION is Django's alone, which answers no WebSocket")
    return ROUTING.warn("its routers lead to no consumer")


def _is_channels(end: object) -> bool:
    """Tell an empty router, which is seen through, from what nobody can see into."""
    return type(end).__module__.startswith("channels.")


def _names(found: Sequence[Way]) -> str:
    return ", ".join(dict.fromkeys(way.name for way in found))
