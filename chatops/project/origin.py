"""Whether a foreign page can open a socket (CHO303)."""

import inspect
from collections.abc import Sequence
from typing import Any

from chatops.model.finding import Finding
from chatops.model.rules.application import ORIGIN
from chatops.project.walk import Way


def origin_finding(found: Sequence[Way]) -> Finding:
    """Hold each way to a WebSocket consumer against what browsers send by themselves."""
    sockets = [way for way in found if way.is_consumer and way.protocol in {"websocket", None}]
    if not sockets:
        return ORIGIN.none("no WebSocket consumer")
    if shut := [way for way in sockets if _validator(way) == []]:
        return ORIGIN.fail(
            f"no Origin is allowed, so every browser gets 403 from {shut[0].name}",
            'Set ALLOWED_HOSTS = ["example.com"] with your own hosts, or give the '
            "OriginValidator your origins.",
        )
    cookies = [way for way in sockets if _reads_cookies(way)]
    if bare := [way for way in cookies if _validator(way) is None and not _checks_itself(way)]:
        return ORIGIN.warn(f"cookies are read on the way to {bare[0].name}, without a check")
    if wide := [way for way in cookies if "*" in (_validator(way) or [])]:
        return ORIGIN.warn(
            f"cookies are read on the way to {wide[0].name}, and every Origin is allowed",
            'Replace "*" by your own hosts, in ALLOWED_HOSTS or in the OriginValidator.',
        )
    if not cookies:
        return ORIGIN.ok("no middleware reads cookies, so a foreign page has no power")
    return ORIGIN.ok(
        f"checked on the way to {', '.join(dict.fromkeys(way.name for way in cookies))}"
    )


def _reads_cookies(way: Way) -> bool:
    from channels.auth import AuthMiddleware  # noqa: PLC0415 - imports Django
    from channels.sessions import CookieMiddleware, SessionMiddleware  # noqa: PLC0415

    kinds = (AuthMiddleware, CookieMiddleware, SessionMiddleware)
    return any(isinstance(each, kinds) for each in way.through)


def _validator(way: Way) -> list[str] | None:
    """Return what the validators on the way allow, `None` where there is none of Channels'."""
    from channels.security.websocket import OriginValidator  # noqa: PLC0415 - imports Django

    allowed: list[Any] = [
        [*each.allowed_origins] for each in way.through if isinstance(each, OriginValidator)
    ]
    # With several, the strictest counts: one without a star, where there is one.
    return min(allowed, key=lambda each: "*" in each, default=None)


def _checks_itself(way: Way) -> bool:
    """Tell whether middleware or the consumer speaks of an origin: that is the project's affair."""
    named = " ".join(getattr(each, "__qualname__", type(each).__qualname__) for each in way.through)
    return "origin" in f"{named} {_source(way.end)}".lower()


def _source(consumer: type) -> str:
    own = [each for each in consumer.__mro__ if not each.__module__.startswith("channels.")]
    try:
        return "".join(inspect.getsource(each) for each in own if each is not object)
    except (OSError, TypeError):
        return ""
