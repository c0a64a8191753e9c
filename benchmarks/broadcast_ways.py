"""Ways to send one event to many groups: as everybody does it, as we do, and what the limit is."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgpack
from asgiref.sync import async_to_sync
from bench import ROOT
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.asyncio import Redis

from chatops.layers.choose import adapter

EVENT = {"type": "chat.system", "message": "Back in 5 minutes", "level": "info"}
LAYERS = {"core": RedisChannelLayer, "pubsub": RedisPubSubChannelLayer}
BATCH, GATHERED = 1000, 50

# What `group_send` does for the members of one group, without its script's counting of losses.
_PUT = """
if redis.call('ZCOUNT', KEYS[1], '-inf', '+inf') < 100 then
    redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
    redis.call('EXPIRE', KEYS[1], 60)
end
"""


class Ways:
    """Each way returns the seconds that it took to send to all groups."""

    def __init__(self, kind: str, path: str) -> None:
        self.kind = kind
        self._path = path
        self.url = f"unix://{path}"

    def _layer(self) -> Any:  # noqa: ANN401 - channels_redis has no types
        host = {"address": self.url, "socket_timeout": None, "protocol": 2}
        return LAYERS[self.kind](hosts=[host])

    def in_a_loop(self, groups: Sequence[str]) -> float:
        """Call `async_to_sync(group_send)` for each."""
        layer = self._layer()
        started = time.perf_counter()
        for group in groups:
            async_to_sync(layer.group_send)(group, EVENT)
        return time.perf_counter() - started

    def awaited(self, groups: Sequence[str]) -> float:
        """Await `group_send` for each."""

        async def work() -> None:
            layer = self._layer()
            for group in groups:
                await layer.group_send(group, EVENT)

        return _timed(work)

    def gathered(self, groups: Sequence[str]) -> float:
        """Gather `group_send` for fifty at a time."""

        async def work() -> None:
            layer = self._layer()
            for start in range(0, len(groups), GATHERED):
                some = groups[start : start + GATHERED]
                await asyncio.gather(*(layer.group_send(group, EVENT) for group in some))

        return _timed(work)

    def pipelined(self, groups: Sequence[str]) -> float:
        """Let redis-py send the layer's commands, a thousand groups at a time."""

        async def work() -> None:
            client = Redis.from_url(self.url)
            for start in range(0, len(groups), BATCH):
                send = self._to_core if self.kind == "core" else self._to_pubsub
                await send(client, groups[start : start + BATCH])
            await client.aclose()

        return _timed(work)

    async def _to_pubsub(self, client: Redis, groups: Sequence[str]) -> None:
        layer = self._layer()
        pipe = client.pipeline(transaction=False)
        for group in groups:
            pipe.publish(f"asgi__group__{group}", layer.serialize(EVENT))
        await pipe.execute()

    async def _to_core(self, client: Redis, groups: Sequence[str]) -> None:
        layer = self._layer()
        pipe = client.pipeline(transaction=False)
        for group in groups:
            pipe.zremrangebyscore(f"asgi:group:{group}", 0, int(time.time()) - 86400)
            pipe.zrange(f"asgi:group:{group}", 0, -1)
        for [name] in (await pipe.execute())[1::2]:
            queue = f"asgi{layer.non_local_name(name.decode())}"
            payload = layer.serialize({**EVENT, "__asgi_channel__": [name.decode()]})
            pipe.zremrangebyscore(queue, 0, int(time.time()) - 60)
            pipe.eval(_PUT, 1, queue, str(time.time()), payload)
        await pipe.execute()

    def ours(self, groups: Sequence[str]) -> float:
        """Send as the adapter does."""

        async def work() -> None:
            layer = adapter(self.kind)
            async with layer.sending() as send:
                for start in range(0, len(groups), BATCH):
                    await send(groups[start : start + BATCH], EVENT)
            await layer.close()

        return _timed(work)

    def whole(self, groups: Sequence[str]) -> float:
        """Run the command, and believe what its summary says of the time."""
        where = "--url", self.url, "--backend", self.kind
        what = "--rooms-from", "-", "--yes", "--json", "--same-codec", "--type", "chat.system", "x"
        told = subprocess.run(
            [sys.executable, "-m", "chatops", "broadcast", *where, *what],
            input="\n".join(group.removeprefix("chat_") for group in groups),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode:
            sys.exit(f"chatops broadcast ended with {told.returncode}: {told.stderr[-500:]}")
        return float(json.loads(told.stdout.splitlines()[-1])["seconds"])

    def limit(self, groups: Sequence[str]) -> float:
        """Send bytes that were packed before, one command a group, as fast as they are taken."""
        payload = msgpack.packb(EVENT)
        if self.kind == "pubsub":
            packed = b"".join(
                _packed(b"PUBLISH", f"asgi__group__{group}".encode(), payload) for group in groups
            )
        else:  # a queue that nobody reads
            packed = b"".join(
                _packed(b"ZADD", b"asgilimit!", b"%d" % number, b"%012d%b" % (number, payload))
                for number in range(len(groups))
            )
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(self._path)
            writer = threading.Thread(target=link.sendall, args=(packed,))
            started = time.perf_counter()
            writer.start()
            answers = 0
            while answers < len(groups):
                answers += link.recv(1 << 20).count(b"\r\n")
            taken = time.perf_counter() - started
            writer.join()
            link.sendall(_packed(b"DEL", b"asgilimit!"))
            link.recv(16)
        return taken


def _timed(work: Callable[[], Awaitable[None]]) -> float:
    async def run() -> float:
        started = time.perf_counter()
        await work()
        return time.perf_counter() - started

    return asyncio.run(run())


def _packed(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)
