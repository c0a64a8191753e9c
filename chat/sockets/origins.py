"""Which pages may open a socket: those that may send a form.

A browser sends its cookies along whoever asks, and does not tell ports apart when it does.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.security.websocket import WebsocketDenier
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
        request = _Handshake(scope)
        if "HTTP_ORIGIN" not in request.META:
            return False
        # Django's own, which knows of proxies; the stubs leave it out.
        return bool(self._rule._origin_verified(request))  # type: ignore[attr-defined]  # noqa: SLF001


class _Handshake(HttpRequest):
    """What the rule looks at of a request, at a fifth of what a whole one costs."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self._of_server = "https" if scope.get("scheme") == "wss" else "http"
        name, port = scope.get("server") or ("unknown", 0)
        self.META = {"SERVER_NAME": name, "SERVER_PORT": str(port)}
        for header, value in scope["headers"]:
            if b"_" not in header:  # as Django: else a client could pass for its proxy
                key = "HTTP_" + header.decode("latin-1").upper().replace("-", "_")
                text = value.decode("latin-1")
                self.META[key] = f"{self.META[key]},{text}" if key in self.META else text

    def _get_scheme(self) -> str:
        return self._of_server


def _nowhere(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
