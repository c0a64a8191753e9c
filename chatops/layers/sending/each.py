"""Send to many groups by what every channel layer can do: one by one, some at a time."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

from chatops.errors import ChatopsError, LayerAway, LayerRefused, Unsupported
from chatops.layers.opened import UNSERIALIZABLE
from chatops.model.deliveries import Deliveries

if TYPE_CHECKING:
    from chatops.layers.base import LayerAdapter
    from chatops.model.room import Unit

Event = Mapping[str, Any]
Sending = Callable[[Sequence[str], Event | Sequence[Event]], Awaitable[Deliveries]]
"""Sends one event to all of these groups, or to each the event in its place."""

_UNREACHED = (ConnectionRefusedError, FileNotFoundError, socket.gaierror)

MOST = 50
"""Groups that are sent to at the same time."""


def ignore(line: str) -> None:
    """Be told, and say nothing."""
    del line


def events_for(groups: Sequence[str], event: Event | Sequence[Event]) -> Iterator[Event]:
    """Give each group its event."""
    return repeat(event, len(groups)) if isinstance(event, Mapping) else iter(event)


def unreached(error: BaseException | None) -> bool:
    """Tell whether a server could not even be connected to, so that it surely got nothing."""
    while error is not None:
        if isinstance(error, _UNREACHED):
            return True
        error = error.__cause__ or error.__context__
    return False


class Each:
    """One batch; once the layer is away, what was not begun by then is not tried."""

    def __init__(self, adapter: "LayerAdapter", groups: Sequence[str]) -> None:
        self._adapter = adapter
        self._unit: Unit | None = None
        self._reach: list[int | None] = [None] * len(groups)
        self._dropped: dict[int, int] = {}
        self._failed: dict[int, str] = {}
        self._unsure: dict[int, str] = {}
        self._away: LayerAway | None = None

    async def send(self, groups: Sequence[str], event: Event | Sequence[Event]) -> Deliveries:
        """Send, and return what came of it; raises `LayerAway` where nothing went out."""
        by_group: dict[str, list[tuple[int, Event]]] = {}
        for at, (group, each) in enumerate(zip(groups, events_for(groups, event), strict=True)):
            by_group.setdefault(group, []).append((at, each))
        work = iter(by_group.items())
        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(MOST, len(by_group))):
                tasks.create_task(self._take(work))
        if self._away and len(self._failed) == len(groups):
            raise self._away
        return Deliveries(
            unit=self._unit,
            reach=self._reach,
            dropped=self._dropped,
            failed=self._failed,
            unsure=self._unsure,
        )

    async def _take(self, work: Iterator[tuple[str, list[tuple[int, Event]]]]) -> None:
        """Serve one group after the other: what a group gets keeps its order."""
        for group, events in work:
            for position, event in events:
                await self._try(position, group, event)

    async def _try(self, position: int, group: str, event: Event) -> None:
        if self._away is not None:
            self._failed[position] = self._away.told
            return
        try:
            await self._ask(position, group)
            await self._send(position, group, event)
        except LayerRefused as error:
            self._failed[position] = error.told
        except LayerAway as error:
            self._away = self._away or error
            self._failed[position] = error.told
        except (ChatopsError, *UNSERIALIZABLE) as error:
            self._failed[position] = str(error)

    async def _ask(self, position: int, group: str) -> None:
        try:
            reach = await self._adapter.reach(group)
        except Unsupported:
            return
        if reach is not None:
            self._unit, self._reach[position] = reach.unit, reach.count

    async def _send(self, position: int, group: str, event: Event) -> None:
        try:
            dropped = await self._adapter.group_send(group, dict(event))
        except LayerAway as error:
            if isinstance(error, LayerRefused) or unreached(error):
                raise
            self._away = self._away or error
            self._unsure[position] = str(error)
        else:
            if dropped:
                self._dropped[position] = dropped
