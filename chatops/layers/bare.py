"""What is needed to speak to a server in bytes, over a connection that redis-py has opened."""

import asyncio
from typing import Any


def packed(*words: bytes) -> bytes:
    """Pack one command."""
    return b"*%d\r\n%b" % (len(words), b"".join([b"$%d\r\n%b\r\n" % (len(w), w) for w in words]))


def streams(connection: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:  # noqa: ANN401
    """Return what a connection of redis-py's reads and writes; `None` where it has no such.

    Private there, held by tests.
    """
    match getattr(connection, "_reader", None), getattr(connection, "_writer", None):
        case asyncio.StreamReader() as reader, asyncio.StreamWriter() as writer:
            return reader, writer
    return None
