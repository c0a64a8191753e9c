"""Whose socket it is: cookies, session and user in the scope, looked up when they are asked for.

Channels' own stack goes through a thread and the database for each socket before anything else is
done, and once more around each frame that is sent, for a session that no frame can change.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import parse_cookie
from django.utils.functional import SimpleLazyObject

if TYPE_CHECKING:
    from django.http import HttpRequest

Application = Callable[..., Awaitable[None]]


class Visitors:
    """Middleware for sockets, as Channels' `AuthMiddlewareStack` is.

    Whoever first looks at `scope["user"]` blocks on the database. The scope is the server's own,
    not a copy: each that is kept along the way would be as long as the socket.
    """

    def __init__(self, inner: Application) -> None:
        self._inner = inner
        self._store = import_module(settings.SESSION_ENGINE).SessionStore

    async def __call__(
        self, scope: dict[str, Any], receive: Application, send: Application
    ) -> None:
        """Serve a socket."""
        self._look(scope)
        await self._inner(scope, receive, send)

    def _look(self, scope: dict[str, Any]) -> None:
        sent = (value for name, value in scope["headers"] if name == b"cookie")
        cookies = parse_cookie(next(sent, b"").decode("latin1"))
        session = self._store(session_key(cookies))
        user: Any = AnonymousUser()
        if session.session_key is not None:
            # All that Django looks at, and a tenth of a request's size.
            request = cast("HttpRequest", SimpleNamespace(session=session))
            user = SimpleLazyObject(partial(get_user, request))
        scope.update(cookies=cookies, session=session, user=user)


def session_key(cookies: Mapping[str, str]) -> str | None:
    """Return a session's key; None where there is none, or no key that any database could hold.

    Sessions are looked up together: one that PostgreSQL refuses would keep the others out.
    """
    key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    return key if key and key.isascii() and key.isprintable() else None
