"""Leaving the middleware behind once a socket is through it."""

from collections.abc import Awaitable, Callable
from typing import Any

Application = Callable[..., Awaitable[None]]

REST = "chat.rest"
"""Where in a scope a consumer leaves what is to be done after the middleware has returned."""


class Lasting:
    """Middleware for sockets, around all other.

    Each layer would else be a suspended coroutine, with all its variables, for as long as the
    socket is open.
    """

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(
        self, scope: dict[str, Any], receive: Application, send: Application
    ) -> None:
        """Serve a socket."""
        rest: list[Callable[[], Awaitable[None]]] = []
        scope[REST] = rest
        await self._inner(scope, receive, send)
        while rest:
            await rest.pop()()
