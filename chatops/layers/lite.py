"""`channels_lite`: queues and groups are two tables of an SQLite database."""

import uuid
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, ClassVar

from chatops.layers.base import every
from chatops.layers.serializing import SerializingAdapter
from chatops.layers.spelling import TAP
from chatops.model.capability import Capability
from chatops.model.member import Life, MemberState
from chatops.model.message import Arrival, Hole
from chatops.model.room import GroupState, Reach, Unit

_FULL = Hole(seconds=None, reason="our queue was full: the layer drops what is sent then")

Row = tuple[str, str, datetime]
"""A group, one of its channels, and when that joined."""


class LiteAdapter(SerializingAdapter):
    """`channels_lite.layers.core.SQLiteChannelLayer`.

    Not its sister on aiosqlite, whose times are in another zone: that has the generic adapter.
    """

    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {Capability.CROSS_PROCESS, Capability.LIST_GROUPS, Capability.LIST_MEMBERS}
    )

    def places(self) -> list[str]:
        """Name nothing: its database is a file."""
        return []

    async def close(self) -> None:
        """Stop the task that asks the database every tenth of a second."""
        if self._layer is not None and not self.shared:
            await self._layer.close()

    async def _tap_channel(self) -> str:
        async with self.answering():
            return str(await self.layer.new_channel(prefix=f"{TAP}{uuid.uuid4().hex[:8]}"))

    async def received(self, channel: str) -> AsyncGenerator[Sequence[Arrival | Hole], None]:
        """Yield what comes; where as much waits as may, the layer has dropped what came then."""
        since = capacity = int(self.layer.get_capacity(channel))
        async with aclosing(super().received(channel)) as arrivals:
            async for batch in arrivals:
                since += 1
                yield batch
                if since >= capacity and await self._behind(channel) + 1 >= capacity:
                    since = 0
                    yield [_FULL]

    async def _behind(self, channel: str) -> int:
        """Count what waits for us: in the database, and what the layer has taken out of it."""
        async with self.answering():
            backlog = await self._backlog()
        taken = self.layer.receive_buffer.get(channel)
        return backlog[self.layer.non_local_name(channel)] + (taken.qsize() if taken else 0)

    def _table(self, name: str) -> Any:  # noqa: ANN401 - a third party's model
        """Return the rows of one of the layer's tables that have not expired."""
        from django.apps import apps  # noqa: PLC0415 - --help must not pay for Django
        from django.utils import timezone  # noqa: PLC0415

        rows = apps.get_model("channels_lite", name).objects.using(self.layer.database)
        return rows.filter(expires_at__gte=timezone.now())

    def _members(self) -> Any:  # noqa: ANN401
        return self._table("GroupMembership").exclude(channel_name__startswith=TAP)

    async def reach(self, group: str) -> Reach:
        """Count the members that have not expired, taps left out."""
        async with self.answering():
            count = await self._members().filter(group_name=group).acount()
        return Reach(count=count, unit=Unit.MEMBERS)

    async def groups(self, wanted: Callable[[str], bool] = every) -> AsyncIterator[GroupState]:
        """Yield each wanted group that has a member."""
        async with self.answering():
            backlog = await self._backlog()
            rows = self._members().order_by("group_name", "joined_at")
            fields = rows.values_list("group_name", "channel_name", "joined_at")
            together: dict[str, list[Row]] = {}
            async for row in fields:
                together.setdefault(row[0], []).append(row)
        for group, rows_of_one in together.items():
            if wanted(group):
                yield self._state(rows_of_one, backlog)

    async def _backlog(self) -> Counter[str]:
        waiting = self._table("Event").filter(delivered=False)
        return Counter([queue async for queue in waiting.values_list("channel_name", flat=True)])

    def _state(self, rows: Sequence[Row], backlog: Counter[str]) -> GroupState:
        queues = {self.layer.non_local_name(channel) for _, channel, _ in rows}
        fullest = max(queues, key=lambda queue: backlog[queue] / self.layer.get_capacity(queue))
        return GroupState(
            group=rows[0][0],
            count=len(rows),
            unit=Unit.MEMBERS,
            processes=len(queues),
            backlog=backlog[fullest],
            capacity=int(self.layer.get_capacity(fullest)),
            oldest=rows[0][2],
            newest=rows[-1][2],
        )

    async def members(self, group: str) -> AsyncIterator[MemberState]:
        """Yield every member that has not expired; whether it lives, this layer cannot tell."""
        async with self.answering():
            rows = self._table("GroupMembership").filter(group_name=group).order_by("joined_at")
            found = [row async for row in rows.values_list("channel_name", "joined_at")]
        for channel, since in found:
            yield MemberState(
                channel=channel,
                process=self.layer.non_local_name(channel),
                since=since,
                life=Life.TAP if channel.startswith(TAP) else Life.UNKNOWN,
            )
