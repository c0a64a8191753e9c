"""Which pages may open a socket: those that may send a form.

A browser sends its cookies along whoever asks, and does not tell ports apart when it does.
"""

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

from channels.security.websocket import WebsocketDenier
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

Application = Callable[..., Awaitable[None]]


class SameOrigin:
    """Middleware for sockets: the `Origin` is the site's own, or in CSRF_TRUSTED_ORIGINS."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner
        self._rule = CsrfViewMiddleware(_nowhere)

    async def __call__(
        self, scope: dict[str, Any], receive: Application, send: Application
    ) -> None:
        """Serve a socket, or refuse its handshake."""
        inner = self._inner if self._may_open(scope) else WebsocketDenier()
        await inner(scope, receive, send)

    def _may_open(self, scope: dict[str, Any]) -> bool:
        scheme = "https" if scope.get("scheme") == "wss" else "http"
        request = ASGIRequest({**scope, "method": "GET", "scheme": scheme}, BytesIO())
        if "HTTP_ORIGIN" not in request.META:
            return False
        # Django's own, which knows of proxies; the stubs leave it out.
        return bool(self._rule._origin_verified(request))  # type: ignore[attr-defined]  # noqa: SLF001


def _nowhere(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
