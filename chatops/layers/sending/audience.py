"""Who is in many groups of a core layer, read in one pipeline a server."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from redis.exceptions import NoPermissionError, ResponseError

from chatops.layers.sending.wire import Wire
from chatops.layers.spelling import group_key

if TYPE_CHECKING:
    from chatops.errors import ChatopsError
    from chatops.layers.redis import RedisAdapter
    from chatops.layers.sending.replies import Reply

_PIECE = 250
"""Groups that are asked about at once."""


@dataclass(slots=True, kw_only=True)
class Audience:
    """The members of each group that have not expired, by its place; or why nobody knows them."""

    members: dict[int, list[str]] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    away: "ChatopsError | None" = None
    is_denied: bool = False


async def audience(
    adapter: "RedisAdapter", wires: Sequence[Wire], groups: Sequence[str]
) -> Audience:
    """Read the members; nothing is written, and so not even the expired are removed."""
    found = Audience()
    homes = places(adapter.layer, groups, len(wires))
    await asyncio.gather(
        *(
            _read(adapter, wire, groups, here, found)
            for wire, here in zip(wires, homes, strict=True)
        )
    )
    return found


def places(layer: Any, groups: Sequence[str], hosts: int) -> Sequence[Sequence[int]]:  # noqa: ANN401
    """Return, for each host, where the groups are that it has."""
    if hosts == 1:
        return [range(len(groups))]
    homes = [layer.consistent_hash(group) for group in groups]
    return [[at for at, home in enumerate(homes) if home == host] for host in range(hosts)]


async def _read(
    adapter: "RedisAdapter",
    wire: Wire,
    groups: Sequence[str],
    places: Sequence[int],
    found: Audience,
) -> None:
    """Ask one server for what is there."""
    if not places:
        return
    since = f"({int(time.time()) - float(adapter.layer.group_expiry)}".encode()
    keys = [group_key(adapter.layer, groups[at]).encode() for at in places]
    said = await wire.ask(_commands(keys, since), len(keys))
    for at, reply in zip(places, said.answers, strict=False):
        _take(adapter, at, reply, found)
    if said.away is not None:
        found.away = said.away
        found.failed |= dict.fromkeys(places[len(said.answers) :], said.away.told)


def _commands(keys: Sequence[bytes], since: bytes) -> Iterator[bytes]:
    """Pack the questions, piece by piece: the server answers those before meanwhile."""
    start = b"*4\r\n$13\r\nZRANGEBYSCORE\r\n$"
    end = b"$%d\r\n%b\r\n$4\r\n+inf\r\n" % (len(since), since)
    for at in range(0, len(keys), _PIECE):
        named = [b"%d\r\n%b\r\n" % (len(key), key) for key in keys[at : at + _PIECE]]
        yield b"%b%b%b" % (start, (end + start).join(named), end)


def _take(adapter: "RedisAdapter", at: int, reply: "Reply", found: Audience) -> None:
    if isinstance(reply, ResponseError):
        found.is_denied |= isinstance(reply, NoPermissionError)
        found.failed[at] = adapter.refusal(reply)
        return
    try:
        found.members[at] = [name.decode() for name in reply]
    except UnicodeDecodeError:
        found.failed[at] = f"a member's name is no text: {reply!r:.80}"
