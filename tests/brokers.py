"""Set up brokers as people have them: several, replicated, watched, clustered, restricted.

>>> with pair() as (primary, replica):
...     primary.url, replica.url, replica.tcp
"""

from __future__ import annotations

import asyncio
import re
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import redis
from processes import free_port, short_folder, wait_until
from servers import Valkey, valkey_binary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from pathlib import Path

_SLOTS = 16384

Started = TypeVar("Started", bound="Broker")


class Broker(Valkey):
    """A valkey-server with options of its own, on a unix socket and, where asked for, a port."""

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        super().__init__(folder)
        self.port = port
        self.tcp = f"redis://127.0.0.1:{port}/0"
        self.command += ["--port", str(port), *options]

    def client(self) -> redis.Redis:
        """Return a client with all rights, to be closed by who asked for it."""
        return redis.Redis.from_url(self.url)

    def ask(self, *command: str) -> Any:
        """Run one command with all rights."""
        with self.client() as client:
            return client.execute_command(*command)

    def info(self) -> dict[str, Any]:
        """Return all that INFO tells."""
        return dict(self.ask("INFO"))

    def user(self, name: str, *rules: str) -> str:
        """Add a user with a password, and return the URL to come in by; an old server may skip."""
        version = [int(part) for part in self.info()["redis_version"].split(".")]
        if version < [6]:
            pytest.skip("this server has no users")
        known = [each for each in rules if version >= [7, 2] or each != "+client|setinfo"]
        self.ask("ACL", "SETUSER", name, "reset", "on", ">s3cret", *known)
        return f"unix://{name}:s3cret@{self.socket}?db=0"


class Sentinel(Broker):
    """A sentinel that watches one primary, called `mymaster`."""

    def __init__(self, folder: Path, primary: int, quorum: int) -> None:
        super().__init__(folder, port=free_port())
        config = folder / "sentinel.conf"
        config.write_text(
            f"port {self.port}\nunixsocket {self.socket}\ndir {folder}\n"
            f"sentinel monitor mymaster 127.0.0.1 {primary} {quorum}\n"
            "sentinel down-after-milliseconds mymaster 1000\n"
            "sentinel failover-timeout mymaster 5000\n"
        )
        self.command = [str(valkey_binary()), str(config), "--sentinel"]

    def knows(self, replicas: int, sentinels: int) -> bool:
        """Tell whether it has found all that it needs for a failover."""
        with self.client() as client:
            primary = client.sentinel_master("mymaster")
        return (primary["num-slaves"], primary["num-other-sentinels"]) == (replicas, sentinels)


@contextmanager
def broker(*options: str, tcp: bool = False) -> Iterator[Broker]:
    """Run one server, as valkey-server's options say."""
    with (
        short_folder() as folder,
        _running(Broker(folder, *options, port=free_port() if tcp else 0)) as started,
    ):
        yield started


@contextmanager
def shards(count: int) -> Iterator[Sequence[Broker]]:
    """Run several servers that know nothing of one another."""
    with ExitStack() as stack:
        yield [stack.enter_context(broker()) for _ in range(count)]


@contextmanager
def pair() -> Iterator[tuple[Broker, Broker]]:
    """Run a primary and its replica, in step."""
    with broker("--repl-diskless-sync-delay", "0", tcp=True) as primary:
        following = "--replicaof", "127.0.0.1", str(primary.port)
        with broker(*following, "--repl-diskless-sync-delay", "0", tcp=True) as replica:
            wait_until(
                lambda: replica.info().get("master_link_status") == "up", "a replica in step"
            )
            yield primary, replica


@contextmanager
def watched() -> Iterator[tuple[Broker, Broker, Sequence[Sentinel]]]:
    """Run a primary, its replica, and three sentinels that know one another."""
    with pair() as (primary, replica), ExitStack() as stack:
        sentinels = []
        for _ in range(3):
            folder = stack.enter_context(short_folder())
            sentinels.append(stack.enter_context(_running(Sentinel(folder, primary.port, 2))))
        wait_until(lambda: all(each.knows(1, 2) for each in sentinels), "sentinels that agree")
        yield primary, replica, sentinels


@contextmanager
def cluster(count: int) -> Iterator[Sequence[Broker]]:
    """Run so many nodes that share the slots of one cluster."""
    with ExitStack() as stack:
        nodes = []
        for _ in range(count):
            bus = str(free_port())
            options = "--cluster-enabled", "yes", "--cluster-port", bus
            nodes.append((stack.enter_context(broker(*options, tcp=True)), bus))
        first = nodes[0][0]
        for index, (node, bus) in enumerate(nodes):
            start, end = _SLOTS * index // count, _SLOTS * (index + 1) // count - 1
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", str(index + 1))
            node.ask("CLUSTER", "ADDSLOTSRANGE", str(start), str(end))
            if node is not first:
                first.ask("CLUSTER", "MEET", "127.0.0.1", str(node.port), bus)
        for node, _ in nodes:
            wait_until(lambda node=node: _joined(node, count), "a cluster")  # type: ignore[misc]
        yield [node for node, _ in nodes]


def _joined(node: Broker, count: int) -> bool:
    told = bytes(node.ask("CLUSTER", "INFO")).split()
    return {b"cluster_state:ok", f"cluster_known_nodes:{count}".encode()} <= set(told)


@contextmanager
def _running(server: Started) -> Iterator[Started]:
    try:
        server.start()
        yield server
    finally:
        server.kill()


@asynccontextmanager
async def rewritten(server: Valkey, change: Callable[[bytes], bytes]) -> AsyncIterator[str]:
    """Stand between a server and its clients, and change what it says; yields the URL."""

    async def copy(
        source: asyncio.StreamReader, target: asyncio.StreamWriter, via: Callable[[bytes], bytes]
    ) -> None:
        while data := await source.read(1 << 16):
            target.write(via(data))
            await target.drain()
        target.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_unix_connection(str(server.socket))
        with suppress(ConnectionError):
            open_.append((asyncio.current_task(), writer, questions))
            await asyncio.gather(copy(reader, questions, bytes), copy(answers, writer, change))

    open_: list[Any] = []
    with short_folder() as folder:
        listening = await asyncio.start_unix_server(serve, str(folder / "p.sock"))
        yield f"unix://{folder / 'p.sock'}?db=0"
        listening.close()  # `async with` would wait for its connections, from Python 3.12 on
        for task, *writers in open_:
            for writer in writers:
                writer.transport.abort()
            await task


def clock_set_by(seconds: int) -> Callable[[bytes], bytes]:
    """Return what makes TIME tell another time."""

    def change(data: bytes) -> bytes:
        return re.sub(
            rb"(?<=^\*2\r\n\$10\r\n)\d{10}", lambda at: b"%d" % (int(at[0]) + seconds), data
        )

    return change
