"""What is left of the middleware once a socket is through it."""

from __future__ import annotations

from typing import Any

from chat.sockets.lasting import REST, Lasting


async def test_the_middleware_has_returned_before_the_rest_is_done() -> None:
    done: list[str] = []

    async def rest() -> None:
        done.append("rest")

    async def inner(scope: dict[str, Any], receive: Any, send: Any) -> None:
        scope = dict(scope)  # as Channels' router does
        scope[REST].append(rest)
        done.append("inner")

    await Lasting(inner)({}, rest, rest)

    assert done == ["inner", "rest"]


async def test_what_leaves_nothing_is_served_as_ever() -> None:
    served: list[object] = []

    async def inner(scope: dict[str, Any], receive: Any, send: Any) -> None:
        served.append((receive, send))

    await Lasting(inner)({}, test_what_leaves_nothing_is_served_as_ever, inner)

    assert served == [(test_what_leaves_nothing_is_served_as_ever, inner)]
