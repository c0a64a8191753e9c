"""What is made sure of before a recording's first message goes out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chatops.errors import BadValue, Refused
from chatops.layers.base import LayerAdapter
from chatops.model.message import Gap, Message
from chatops.model.order import Guarded
from chatops.model.recorded import Flaw, Recorded
from chatops.model.target import Target
from chatops.operations.guard import fits, handled, intact, plain, proved, readable
from chatops.project.handlers import Consumer

_LOOKED_AT = 20
"""Groups of which it is looked whether what is queued for them can be read."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """How many messages there are to send, and how many were unreadable when recorded."""

    messages: int
    unreadable: int


async def cleared(  # noqa: PLR0913 - what each message is held against
    layer: LayerAdapter,
    recording: Iterable[Recorded | Flaw],
    route: Callable[[Message | Gap], Target | None],
    consumers: Sequence[Consumer],
    skip: frozenset[Guarded] = frozenset(),
    *,
    must_prove: bool = False,
) -> Cleared:
    """Let every message pass the guard of a broadcast; raises `Refused` with the first that fails.

    No `consumers` means that nobody can know which types are handled. Where it `must_prove`,
    something of theirs has to show that the application can read what we send.
    """
    guard = _Guard(layer, consumers, skip)
    messages = unreadable = number = 0
    for each in recording:
        if not isinstance(each, Message):
            continue
        number += 1
        try:
            if (target := route(each)) is None:
                continue
            if each.problem is not None:
                unreadable += 1
                continue
            messages += 1
            await guard.clear(target.group, each.body)
        except (BadValue, Refused) as error:
            raise type(error)(
                f"Message {number} of the recording, in {each.room or each.group}: {error} "
                "Of a recording, --only chooses rooms, and --map other ones."
            ) from error
    if must_prove:
        await guard.prove()
    return Cleared(messages, unreadable)


class _Guard:
    """The guard of a broadcast, which looks once at what many messages have in common."""

    def __init__(
        self, layer: LayerAdapter, consumers: Sequence[Consumer], skip: frozenset[Guarded]
    ) -> None:
        self._layer = layer
        self._consumers = () if Guarded.HANDLERS in skip else consumers
        self._skip = skip
        self._looked: set[str] = set()
        self._is_proved = Guarded.CODEC in skip
        self._named = lru_cache(1000)(self._name)

    async def clear(self, group: str, event: dict[str, Any]) -> None:
        """Raise `Refused` or `BadValue` where this message must not go out."""
        type_ = event.get("type")
        if not isinstance(type_, str):
            raise Refused("The event has no type, to be handled by.")
        self._named(type_, group, frozenset(event))
        await intact(self._layer, event)
        if Guarded.CONTROL not in self._skip:
            plain(event)
        if Guarded.SIZE not in self._skip:
            await fits(self._layer, event)
        if Guarded.CODEC not in self._skip and self._is_new(group):
            self._is_proved |= await readable(self._layer, [group])

    async def prove(self) -> None:
        """Raise `Refused` where nothing shows that the application could read what we send."""
        if not self._is_proved and not await readable(self._layer, [*self._looked], longer=True):
            raise proved()

    def _is_new(self, group: str) -> bool:
        if group in self._looked or len(self._looked) == _LOOKED_AT:
            return False
        self._looked.add(group)
        return True

    def _name(self, type_: str, group: str, keys: frozenset[str]) -> None:
        self._layer.check_group(group)
        if self._consumers:
            handled({**dict.fromkeys(keys), "type": type_}, self._consumers, group)
