"""Whose socket it is: cookies, session and user in the scope, looked up when they are asked for.

Channels' own stack goes through a thread and the database for each socket before anything else is
done, and once more around each frame that is sent, for a session that no frame can change.
"""

from collections.abc import Awaitable, Callable
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from channels.sessions import CookieMiddleware
from django.conf import settings
from django.contrib.auth import get_user
from django.utils.functional import SimpleLazyObject

if TYPE_CHECKING:
    from django.http import HttpRequest

Application = Callable[..., Awaitable[None]]


class Visitors:
    """Middleware for sockets; whoever first looks at `scope["user"]` blocks on the database."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(
        self, scope: dict[str, Any], receive: Application, send: Application
    ) -> None:
        """Serve a socket whose scope has its `cookies`."""
        store = import_module(settings.SESSION_ENGINE).SessionStore
        session = store(scope["cookies"].get(settings.SESSION_COOKIE_NAME))
        # All that Django looks at, and a tenth of a request's size.
        request = cast("HttpRequest", SimpleNamespace(session=session))
        user = SimpleLazyObject(lambda: get_user(request))
        await self._inner({**scope, "session": session, "user": user}, receive, send)


def visitors(inner: Application) -> CookieMiddleware:
    """Wrap an application, as Channels' `AuthMiddlewareStack` does."""
    return CookieMiddleware(Visitors(inner))
