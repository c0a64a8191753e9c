"""What built layers of channels_redis give away of their settings, without asking a server."""

from collections.abc import Iterable
from typing import Any


def timeouts(pools: Iterable[Any]) -> list[float | None]:
    """Return how long a read on each pool's connections may take, in seconds; `None` for ever."""
    return [pool.make_connection().socket_timeout for pool in pools]


def databases(pools: Iterable[Any]) -> list[int]:
    """Return the database number that each pool's connections select."""
    return [int(pool.connection_kwargs.get("db") or 0) for pool in pools]
