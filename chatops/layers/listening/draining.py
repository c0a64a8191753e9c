"""The queue of a tap, emptied in bulk: bytes as the server says them, read elsewhere."""

import uuid
from collections.abc import Sequence

from chatops.layers.bare import packed
from chatops.layers.listening.incoming import reply_at
from chatops.layers.listening.raw import Raw, check
from chatops.layers.redis import RedisAdapter

_BULK = 1000


class Drain:
    """Asks for all that is queued, and where there is nothing waits for up to a second.

    The end of the answers is an answer that nobody else can know.
    """

    def __init__(self, adapter: RedisAdapter, queue: str, home: int) -> None:
        self._adapter = adapter
        self._raw = Raw(adapter, home)
        word = uuid.uuid4().hex.encode()
        self._end = b"$%d\r\n%s\r\n" % (len(word), word)
        self._ping = packed(b"PING", word)
        self._question = self._popped(queue.encode(), b"1", b"%d" % _BULK)
        self._impossible = self._popped(queue.encode(), b"-1", b"0")

    def _popped(self, queue: bytes, seconds: bytes, most: bytes) -> bytes:
        first = packed(b"BZPOPMIN", queue, seconds)
        return first + packed(b"ZPOPMIN", queue, most) + self._ping

    async def connect(self) -> None:
        """Open the connection, and see that it says how answers end."""
        async with self._adapter.answering():
            await self._raw.connect()
            self._raw.write(self._ping)
            await self._raw.exactly(self._end)

    async def may(self) -> None:
        """Raise what the server has against our question; it takes nothing."""
        self._raw.write(self._impossible)
        async with self._adapter.answering():
            for line in (await self._answers()).split(b"\r\n"):
                if b"timeout is negative" not in line:
                    check(line)

    async def take(self) -> bytes:
        """Take what is there: the answers to one question."""
        self._raw.write(self._question)
        async with self._adapter.answering():
            said = await self._answers()
            check(said)
            check(said[_whole(said, 0)[1] :])
        return said

    async def _answers(self) -> bytes:
        said = b""
        while not said.endswith(self._end):
            said += await self._raw.read()
        return said

    async def close(self) -> None:
        """Hang up."""
        await self._raw.close()


def count(said: bytes) -> int:
    """Count the messages: the one that was waited for, and those that came with it."""
    first = 0
    position = said.index(b"\r\n") + 2
    if not said.startswith(b"*-1"):
        first = 1
        _, position = _whole(said, 0)
    return first + int(said[position + 1 : said.index(b"\r\n", position)]) // 2


def payloads(said: bytes) -> Sequence[bytes]:
    """Return the messages, in their order."""
    waited, position = _whole(said, 0)
    more, _ = _whole(said, position)
    return waited[1:2] + more[::2]


def _whole(said: bytes, position: int) -> tuple[list[bytes], int]:
    reply = reply_at(said, position)
    assert reply is not None, "the answers are whole"  # noqa: S101 - for mypy
    return reply
