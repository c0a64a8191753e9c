"""`channels_postgres`: groups and messages are two tables, and every process is notified."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, ClassVar

from chatops.errors import ChatopsError
from chatops.layers.base import PATIENCE, UNSERIALIZABLE, Arrivals, every
from chatops.layers.notices import Notices
from chatops.layers.places import beyond
from chatops.layers.serializing import SerializingAdapter
from chatops.layers.spelling import TAP
from chatops.layers.tables import LEASE, Tables
from chatops.model.capability import Capability
from chatops.model.member import Life, MemberState
from chatops.model.message import Arrival
from chatops.model.room import GroupState, Reach, Unit


class PostgresAdapter(SerializingAdapter):
    """`channels_postgres.core.PostgresChannelLayer`, without its `receive()`.

    That takes every waiting message of the layer out of the table, whoever it is for. What is
    sent to channels of ours is heard by a connection of our own.
    """

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {Capability.CROSS_PROCESS, Capability.LIST_GROUPS, Capability.LIST_MEMBERS}
    )

    _tables: Tables
    _notices: Notices

    def _built(self) -> Any:  # noqa: ANN401 - third parties' layers share no base class
        layer = super()._built()
        self._ours: list[str] = []
        self._tables = Tables(layer)
        self._notices = Notices(layer.db_params, self.__str__)
        return layer

    def places(self) -> list[str]:
        """Name the database's server, where that is not on this machine."""
        return beyond([{"host": self.layer.db_params.get("host") or ""}])

    async def close(self) -> None:
        """Remove what was sent to channels of ours, and close what we opened."""
        if self._layer is None:
            return
        with suppress(ChatopsError):
            async with self.answering():
                if self._ours:
                    await self._tables.forget(self._ours)
                await self._notices.close()
                await self._tables.close()

    # ------------------------------------------------------------ instead of its receive()

    async def new_channel(self) -> str:
        """Return the name of a new channel of this process, which is heard from now on."""
        return await self._heard_channel("specific")

    async def _heard_channel(self, prefix: str) -> str:
        channel = str(await self.layer.new_channel(prefix))
        async with self.answering():
            await self._tables.ask("SELECT 1")  # so that it is we who opened the connections
            await self._notices.hear(channel)
        self._ours.append(channel)
        return channel

    async def receive(self, channel: str, patience: float = PATIENCE) -> dict[str, Any] | None:
        """Return the next message on a channel of ours, `None` after `patience` seconds."""
        try:
            async with asyncio.timeout(self._patience(patience)):
                return (await self._arrival(channel)).body
        except TimeoutError:
            return None

    async def _arrival(self, channel: str) -> Arrival:
        number, payload = await self._notices.next(channel)
        if payload is None:
            async with self.answering():
                payload = await self._tables.message(number)
        now = datetime.now(UTC)
        if payload is None:
            gone = "it was gone from the table before it could be read"
            return Arrival(body={}, size=None, seen_at=now, problem=gone)
        try:
            with self._translated():
                body = dict(self.layer.deserialize(payload))
        except (ChatopsError, *UNSERIALIZABLE):
            wrong = "not readable with this key"
            return Arrival(body={}, size=len(payload), seen_at=now, problem=wrong)
        return Arrival(body=body, size=len(payload), seen_at=now)

    def receiving(self, channel: str) -> AbstractAsyncContextManager[Arrivals]:
        """Hear what is sent to the channel from now on; who else receives there gets it too."""
        return self._hearing(channel)

    @asynccontextmanager
    async def _hearing(self, channel: str) -> AsyncIterator[Arrivals]:
        _ = self.layer
        async with self.answering():
            await self._notices.hear(channel)
        yield self._watch(channel, None)

    @asynccontextmanager
    async def joined(self, group: str) -> AsyncIterator[Arrivals]:
        """Join by a channel that is left out of counts, and hear what is sent to that."""
        _ = self.layer
        channel = await self._heard_channel(self._tables.tap_prefix())
        async with self.answering():
            await self._tables.tap(group, channel)
        try:
            yield self._watch(channel, LEASE / 3)
        finally:
            with suppress(ChatopsError):
                await self.group_discard(group, channel)

    async def _watch(self, channel: str, renewing: float | None) -> Arrivals:
        coming = asyncio.ensure_future(self._arrival(channel))
        try:
            while True:
                await asyncio.wait([coming], timeout=renewing)
                if coming.done():
                    yield [coming.result()]
                    coming = asyncio.ensure_future(self._arrival(channel))
                else:
                    async with self.answering():
                        await self._tables.renew(channel)
        finally:
            coming.cancel()

    # ------------------------------------------------------------ what the tables say

    async def group_discard(self, group: str, channel: str) -> None:
        """Remove a channel of ours; the layer itself would need a database of its own name."""
        async with self.answering():
            await self._tables.leave(group, channel)

    async def _members(self, group: str) -> list[str]:
        _ = self.layer
        async with self.answering():
            return await self._tables.members(group)

    async def reach(self, group: str) -> Reach:
        """Count the members, taps left out."""
        members = await self._members(group)
        return Reach(count=sum(not name.startswith(TAP) for name in members), unit=Unit.MEMBERS)

    async def groups(self, wanted: Callable[[str], bool] = every) -> AsyncIterator[GroupState]:
        """Yield each wanted group that has a member."""
        _ = self.layer
        async with self.answering():
            everybody = await self._tables.everybody()
        for group, channels in everybody.items():
            names = [name for name in channels if not name.startswith(TAP)]
            processes = {self.layer.non_local_name(name) for name in names}
            if names and wanted(group):
                yield GroupState(
                    group=group, count=len(names), unit=Unit.MEMBERS, processes=len(processes)
                )

    async def members(self, group: str) -> AsyncIterator[MemberState]:
        """Yield every member; since when it is there and whether it lives, nobody can know."""
        for channel in await self._members(group):
            yield MemberState(
                channel=channel,
                process=self.layer.non_local_name(channel),
                since=None,
                life=Life.TAP if channel.startswith(TAP) else Life.UNKNOWN,
            )
