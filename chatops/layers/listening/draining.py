"""The queue of a tap, emptied in bulk: bytes as the server says them, read elsewhere."""

import secrets
from collections.abc import Iterator

from redis.exceptions import ResponseError

from chatops.layers.bare import packed
from chatops.layers.listening.raw import Raw, check
from chatops.layers.redis import RedisAdapter
from chatops.layers.sending.replies import Replies, Reply

_BULK = 1000

_LEAST, _MOST = 100, 1000
"""Questions that wait at the server: so often it can empty the queue without hearing from us.

More of them cost some servers time with each answer.
"""

_TIMES = 50
"""How many times as long as until now the server may have to do without us."""

_GATHER = 0.001
"""Seconds in which answers become one: else each of them wakes us up."""


class Drain:
    """Asks for what will be queued, long before it is.

    The server answers a question in the turn of its loop in which something comes, or where
    nothing does after a second. So how fast we are scheduled decides nothing: only more than a
    queue's capacity in one turn is lost. An answer ends with a word that nobody else can know.
    """

    def __init__(self, adapter: RedisAdapter, queue: str, home: int) -> None:
        self._adapter = adapter
        self._raw = Raw(adapter, home)
        word = secrets.token_hex(8).encode()
        self._end = b"$%d\r\n%s\r\n" % (len(word), word)
        self._ping = packed(b"PING", word)
        self._question = self._popped(queue.encode(), b"1", b"%d" % _BULK)
        self._impossible = self._popped(queue.encode(), b"-1", b"0")
        self._nothing = b"*-1\r\n*0\r\n" + self._end
        self._rest = b""
        self._ahead = 0
        self._is_busy = False

    def _popped(self, queue: bytes, seconds: bytes, most: bytes) -> bytes:
        first = packed(b"BZPOPMIN", queue, seconds)
        return first + packed(b"ZPOPMIN", queue, most) + self._ping

    async def connect(self) -> None:
        """Open the connection, see that it says how answers end, and that we may ask.

        Raises what the server has against our questions, and takes nothing.
        """
        self._rest = b""
        async with self._adapter.answering():
            await self._raw.connect()
            self._raw.write(self._ping)
            await self._raw.exactly(self._end)
            self._raw.write(self._impossible)
            for line in (await self._answers()).split(b"\r\n"):
                if b"timeout is negative" not in line:
                    check(line)
            self._ahead = 0
            self._ask(_LEAST)

    def _ask(self, ahead: int) -> None:
        if ahead > self._ahead:
            self._raw.write(self._question * (ahead - self._ahead))
            self._ahead = ahead

    async def take(self) -> bytes:
        """Take what is there: whole answers, or nothing."""
        async with self._adapter.answering():
            if self._is_busy:
                await self._raw.gather(_GATHER)
            said = await self._answers()
            if said.startswith(b"-") or b"\r\n-" in said:
                _read(said)
            answered = said.count(self._end)
            self._ahead -= answered
            self._ask(min(_MOST, max(_LEAST, answered * _TIMES)))
        self._is_busy = said != self._nothing
        return said if self._is_busy else b""

    async def _answers(self) -> bytes:
        while (end := self._rest.rfind(self._end)) < 0:
            self._rest += await self._raw.read()  # kept, should we lose our patience
        end += len(self._end)
        said, self._rest = self._rest[:end], self._rest[end:]
        return said

    async def close(self) -> None:
        """Hang up."""
        await self._raw.close()


def drained(said: bytes) -> Iterator[list[bytes]]:
    """Yield the messages of each answer, in their order."""
    replies = _read(said)
    for waited, more in zip(replies[::3], replies[1::3], strict=True):
        yield [*(waited or ())[1:2], *more[::2]]


def _read(said: bytes) -> list[Reply]:
    replies = Replies()
    replies.feed(said)
    for each in replies.whole:
        if isinstance(each, ResponseError):
            raise each
    return replies.whole
