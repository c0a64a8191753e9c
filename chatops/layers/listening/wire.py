"""One server's part of a subscription: bytes as they come, and what could not be heard."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chatops.errors import LayerAway, Unsupported
from chatops.layers.bare import packed
from chatops.layers.base import PATIENCE
from chatops.layers.clock import elapsed
from chatops.layers.listening.feed import Feed, Frame
from chatops.layers.listening.incoming import Incoming
from chatops.layers.listening.raw import Raw
from chatops.layers.redis import AWAY, RedisAdapter, until_answered

if TYPE_CHECKING:
    from chatops.model.message import Hole

_LIMITED = "the server cut us off: its output-buffer limit for subscribers was reached"


class Wire:
    """Subscribes by patterns.

    Of several `ways` to say what is wanted, the first that the server allows is taken.
    """

    def __init__(
        self, adapter: RedisAdapter, index: int, ways: Sequence[Sequence[str]], feed: Feed
    ) -> None:
        self._adapter = adapter
        self._index = index
        self._ways = ways
        self._feed = feed
        self._raw = Raw(adapter, index)
        self._limited: int | None = None
        self._mark: bytes | None = None
        self._tail = b""
        self._whole: Incoming | None = None

    async def open(self) -> None:
        """Subscribe, and return once the server has said so."""
        for way in self._ways:
            try:
                return await self._open(way)
            except Unsupported:
                if way is self._ways[-1]:
                    raise
        return None

    async def _open(self, patterns: Sequence[str]) -> None:
        spelt = [each.encode() for each in patterns]
        self._mark = self._whole = None
        async with self._adapter.answering():
            await self._raw.connect()
            self._limited = await self._raw.limited()
            self._raw.write(packed(b"PSUBSCRIBE", *spelt))
            expected = (
                b"*3\r\n$10\r\npsubscribe\r\n$%d\r\n%s\r\n:%d\r\n" % (len(each), each, number)
                for number, each in enumerate(spelt, start=1)
            )
            await self._raw.exactly(b"".join(expected))

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """Yield what comes, and a hole for each time in which nothing could."""
        heard = elapsed()
        while True:
            try:
                data = await self._some()
            except LayerAway:
                yield self._hole(AWAY)
                before = self._limited
                _, hole = await until_answered(self.open, heard)
                if before is not None and self._limited is not None and self._limited > before:
                    hole = replace(hole, reason=_LIMITED)
                yield self._hole(hole)
                heard = elapsed()
                continue
            heard = elapsed()
            for frame in self._cut(data):
                yield frame

    def _hole(self, hole: "Hole") -> Frame:
        return Frame(self._index, time.time(), hole=hole)

    async def _some(self) -> bytes:
        """Wait for bytes; a server that says nothing for long is asked whether it is there."""
        with self._adapter.translated():
            try:
                async with asyncio.timeout(PATIENCE):
                    return await self._raw.read()
            except TimeoutError:
                self._raw.write(packed(b"PING"))
                async with self._adapter.answering():
                    return await self._raw.read()

    def _cut(self, data: bytes) -> Iterator[Frame]:
        """Where frames must be exact, cut at the end of a message and count.

        Where one ends, the server's answer to a word says that nobody else can know.
        """
        now = time.time()
        if self._whole is not None:
            text = self._whole.rest + data
            count = len(self._whole.feed(data).payloads)
            rest = self._whole.rest
            if whole := text[: len(text) - len(rest)]:
                yield Frame(self._index, now, whole, count)
            if self._feed.exact:
                return
            self._whole = self._mark = None
            data = rest
        elif self._feed.exact:
            if self._mark is None:
                word = uuid.uuid4().hex.encode()
                self._mark, self._tail = b"*2\r\n$4\r\npong\r\n$32\r\n%s\r\n" % word, b""
                self._raw.write(packed(b"PING", word))
            seen = self._tail + data
            found = seen.find(self._mark)
            if found >= 0:
                end = found + len(self._mark) - len(self._tail)
                yield Frame(self._index, now, data[:end])
                self._whole = Incoming(lambda _, channel: channel.decode(errors="replace"))
                yield from self._cut(data[end:])
                return
            self._tail = seen[1 - len(self._mark) :]
        else:
            self._mark = None
        if data:
            yield Frame(self._index, now, data)

    async def close(self) -> None:
        """Hang up."""
        await self._raw.close()
