"""Who said 403: the check of the Origin, or the consumer."""

import asyncio
import ipaddress
import secrets
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from chatops.model.answer import Obstacle, Shut
from chatops.model.visit import Visit
from chatops.visit import Door, Socket, opened

Words = tuple[str, str]
"""What was found, and what to do."""

_NO_ROUTE = 500
"""What Daphne and uvicorn answer where Channels finds no route."""


def left(until: float) -> float:
    """Return how many seconds are left until then, of the loop's time."""
    return max(0.0, until - asyncio.get_running_loop().time())


async def refused(visit: Visit, door: Door, answer: Shut, until: float) -> Words:
    """Ask with other origins, then for a path that nobody serves, to find who refuses.

    An origin validator stands before the routes: it refuses that path too, where a consumer
    would never be reached.
    """
    ours = f"Origin {door.origin}" if door.origin else "no Origin"
    for other in (visit.own_origin, None):
        if other != door.origin and await _answer(replace(door, origin=other), until) is None:
            let_in = f"Origin {other}" if other else "no Origin"
            return f"{answer.said} with {ours}, but accepted with {let_in}", _allow(visit, door)
    nowhere = await _answer(replace(door, url=_nowhere(door.url)), until)
    if nowhere is not None and nowhere.status == answer.status:
        return (
            (
                f"{answer.said} with {ours}, for a path without a route too: the Origin is "
                "refused, or all is, before any consumer is asked"
            ),
            _allow(visit, door),
        )
    asked = (
        'Give it the credentials it asks for, such as --header "Cookie: sessionid=…", or see what '
        "its connect() refuses."
    )
    if nowhere is not None and nowhere.status == _NO_ROUTE:
        return f"{answer.said} by the consumer, not for its Origin: connect() closed it", asked
    return (
        f"{answer.said} with {ours}: by the check of the Origin, or by the consumer",
        f"{_allow(visit, door)} {asked}",
    )


async def _answer(door: Door, until: float) -> Shut | None:
    """Return how the door stays shut, `None` where it opens."""
    if not (patience := left(until)):
        return Shut(obstacle=Obstacle.SILENT, said="not asked, because the time was over")
    async with opened(door, patience) as answer:
        return None if isinstance(answer, Socket) else answer


def _nowhere(url: str) -> str:
    parts = urlsplit(url)
    first = parts.path.split("/")[1:2]  # a proxy may send only what is under it to the sockets
    path = "/".join(["", *first, f"chatops-nowhere-{secrets.token_hex(8)}", ""])
    return urlunsplit(parts._replace(path=path, query=""))


def _allow(visit: Visit, door: Door) -> str:
    origin = door.origin
    if origin is None:
        return "Send an Origin: leave out --origin, or name one of the site's pages with it."
    host = urlsplit(origin).hostname or origin
    # Nobody's browser calls a site by its number: what it is called by is allowed already.
    guessed = visit.origin is None and _is_number(host)
    pages = "Name the origin of the site's pages, as in --origin https://example.com. Or: "
    return (
        f"{pages if guessed else ''}"
        f"Add {host!r} to ALLOWED_HOSTS (AllowedHostsOriginValidator), or {origin!r} to the "
        "origins of the OriginValidator, and restart the server."
    )


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return True
