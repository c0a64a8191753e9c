"""The two tables of channels_postgres, as far as we ask them ourselves."""

import uuid
from collections.abc import Sequence
from typing import Any

from chatops.layers.spelling import TAP

LEASE = 30
"""Seconds after which the next tail may remove the membership of one that was killed."""

_EVERYBODY = """
SELECT group_key, channel FROM channels_postgres_groupchannel
WHERE starts_with(group_key, %s) AND (%s = 0 OR expire > now()) ORDER BY id
"""
_MEMBERS = """
SELECT channel FROM channels_postgres_groupchannel
WHERE group_key = %s AND (%s = 0 OR expire > now()) ORDER BY id
"""
_JOIN = """
INSERT INTO channels_postgres_groupchannel (group_key, channel, expire)
VALUES (%s, %s, now() + %s * interval '1 s')
"""
_RENEW = """
UPDATE channels_postgres_groupchannel SET expire = now() + %s * interval '1 s' WHERE channel = %s
"""
_LEAVE = "DELETE FROM channels_postgres_groupchannel WHERE group_key = %s AND channel = %s"
_SWEEP = (
    "DELETE FROM channels_postgres_groupchannel WHERE starts_with(channel, %s) AND expire < now()"
)
_MESSAGE = "SELECT message FROM channels_postgres_message WHERE id = %s"
_FORGET = "DELETE FROM channels_postgres_message WHERE channel = ANY(%s)"


class Tables:
    """Asks by the layer's own connections, and closes them where nobody else had opened them."""

    def __init__(self, layer: Any) -> None:  # noqa: ANN401 - channels_postgres has types, untold
        self._layer = layer
        self._pool: Any = None

    async def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of one query, none for what has no rows."""
        from channels_postgres import db  # noqa: PLC0415 - only this layer needs it

        nobodys = db.connection_pool is None
        pool = await self._layer.django_db.get_db_pool(db_params=self._layer.db_params)
        if nobodys:
            self._pool = pool
        async with pool.connection() as connection:
            cursor = await connection.execute(query, values)
            return list(await cursor.fetchall()) if cursor.description else []

    async def close(self) -> None:
        """Close the connections that we opened."""
        if self._pool is None:
            return
        from channels_postgres import db  # noqa: PLC0415

        await self._pool.close()
        self._pool = db.connection_pool = None

    def key(self, group: str) -> str:
        """Return the name under which a group is kept."""
        return f"{self._layer.prefix}:group:{group}"

    async def everybody(self) -> dict[str, list[str]]:
        """Return the channels of each group, each once."""
        rows = await self.ask(_EVERYBODY, self.key(""), self._layer.group_expiry)
        found: dict[str, dict[str, None]] = {}
        for key, channel in rows:
            found.setdefault(key.removeprefix(self.key("")), {})[channel] = None
        return {group: list(channels) for group, channels in found.items()}

    async def members(self, group: str) -> list[str]:
        """Return the channels of one group, each once."""
        rows = await self.ask(_MEMBERS, self.key(group), self._layer.group_expiry)
        return list(dict.fromkeys(channel for (channel,) in rows))

    def tap_prefix(self) -> str:
        """Return the beginning of a channel's name that is left out of counts."""
        return f"{TAP}{uuid.uuid4().hex[:8]}"

    async def tap(self, group: str, channel: str) -> None:
        """Enter the group, for a lease; taps whose lease is over go: the layer forgets nobody."""
        await self.ask(_SWEEP, TAP)
        await self.ask(_JOIN, self.key(group), channel, LEASE)

    async def renew(self, channel: str) -> None:
        """Stay for one more lease."""
        await self.ask(_RENEW, LEASE, channel)

    async def leave(self, group: str, channel: str) -> None:
        """Leave the group."""
        await self.ask(_LEAVE, self.key(group), channel)

    async def message(self, number: int) -> bytes | None:
        """Read a message that was too large to be notified; `None` where it is gone."""
        found = await self.ask(_MESSAGE, number)
        return bytes(found[0][0]) if found else None

    async def forget(self, channels: Sequence[str]) -> None:
        """Remove what was sent to these channels."""
        await self.ask(_FORGET, list(channels))
