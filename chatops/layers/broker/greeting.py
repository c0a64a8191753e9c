"""What a server says before it is asked: that it takes no more connections."""

import asyncio
from typing import Any

from chatops.errors import ChatopsError, LayerAway
from chatops.layers.cures import is_cut, is_full
from chatops.layers.redis import RedisAdapter

_PATIENCE = 0.5
_LINE = 128


async def refusal(adapter: RedisAdapter, index: int, error: ChatopsError) -> ChatopsError:
    """Return what a full server says to a new connection, else the error that is known.

    A client that writes first often sees no more of it than a connection that is lost.
    """
    if not is_cut(str(error)) or "master_name" in adapter.hosts[index]:
        return error
    connection = adapter.pool(index).make_connection()
    said = ""
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await _opened(connection)
            said = (await reader.read(_LINE)).decode(errors="replace").strip()
            writer.close()
    except (OSError, TimeoutError):
        pass
    return LayerAway(f"the server says: {said.lstrip('-')}") if is_full(said) else error


async def _opened(connection: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:  # noqa: ANN401 - redis-py's
    if path := getattr(connection, "path", None):
        return await asyncio.open_unix_connection(path)
    return await asyncio.open_connection(connection.host, connection.port)
