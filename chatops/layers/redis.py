"""What both layers of channels_redis have in common."""

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from channels_redis.utils import create_pool
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, MaxConnectionsError, ResponseError

from chatops.errors import (
    BadValue,
    BrokenLayer,
    ChatopsError,
    LayerAway,
    LayerRaised,
    LayerRefused,
    foreign,
    hidden,
)
from chatops.layers.apart import apart, cut
from chatops.layers.base import LayerAdapter
from chatops.layers.clock import elapsed
from chatops.layers.denied import denial
from chatops.layers.places import beyond
from chatops.layers.serializing import SerializingAdapter
from chatops.layers.unreadable import looks, tried
from chatops.model.message import Arrival, Hole

T = TypeVar("T")

AWAY = Hole(seconds=None, reason="the layer does not answer", lasts=True)
"""What a listener yields when its server goes away, and before it waits for it."""

_AGAIN = 0.2
"""Seconds between two attempts to reach a server that is away."""


class RedisAdapter(SerializingAdapter):
    """A layer that keeps what it has on one or more Redis or Valkey servers."""

    def _built(self) -> Any:  # noqa: ANN401
        """Build the layer, and a connection to each host, unopened: that reads its options."""
        self._layer = layer = super()._built()
        what = f"The hosts of the channel layer {self} cannot be used"
        try:
            with foreign(BrokenLayer, what):
                for index in range(len(self.hosts)):
                    self.pool(index).make_connection()
        except BrokenLayer:
            from chatops.checks.host import decoded  # noqa: PLC0415 - where it fails

            read = enumerate(decoded(self.entry.get("CONFIG", {}).get("hosts")))
            known = [f"hosts[{index}] {host.problem}" for index, host in read if host.problem]
            self._layer = None
            if not known:
                raise
            raise BrokenLayer(f"{what}: {known[0]}") from None  # its text may hold the password
        return layer

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with super()._translated():
                yield
        except LayerAway as error:
            cause = error.__cause__
            if denied := denial(cause, str(self.layer.prefix)):
                raise denied from cause
            if isinstance(cause, AuthenticationError):
                wants = "uthentication required" in str(cause)
                does = "wants a password" if wants else "refused the user name or password"
                said = f"The server of {self}{self._where()} {does}."
                raise LayerAway(said, self._cure(cause)) from cause
            if isinstance(cause, MaxConnectionsError):
                said = f"The channel layer {self} may open no more connections (`max_connections`)"
                raise LayerRefused(said, self._cure(cause)) from cause
            if isinstance(cause, ResponseError):
                from chatops.layers.cures import spelt  # noqa: PLC0415 - where it fails

                said = f"The server of {self}{self._where()} says: {spelt(cause)}"
                raise LayerRefused(said, self._cure(cause)) from cause
            raise

    def _cure(self, error: BaseException | None) -> str | None:
        from chatops.layers.cures import cure  # noqa: PLC0415 - where it fails

        return cure(error, self.hosts)

    def refusal(self, error: ResponseError) -> str:
        """Say why the server refused one of many commands, and what would help."""
        try:
            with self._translated():
                raise error
        except ChatopsError as refused:
            return refused.told

    def _where(self) -> str:
        return f" at {', '.join(map(address, self.hosts))}"

    @property
    @abstractmethod
    def hosts(self) -> list[dict[str, Any]]:
        """The servers, each as the arguments of a connection."""

    def places(self) -> list[str]:
        """Name the servers that are not on this machine."""
        return beyond(self.hosts)

    @abstractmethod
    def client(self, index: int) -> Redis:
        """Our client to one server, for the questions that the layer never asks."""

    def size(self, event: dict[str, Any]) -> int:
        """Return how many bytes the event is on the wire."""
        return len(self.layer.serialize(event))

    async def size_limit(self) -> int | None:
        """Return how many bytes the servers take at the most; `None` where none of them says."""
        from chatops.layers.largest import size_limit  # noqa: PLC0415 - for large events alone

        return await size_limit(self)

    def pool(self, index: int) -> Any:  # noqa: ANN401 - redis-py's pools share no public base
        """Return a new connection pool to one server, as the layer itself would make it."""
        return create_pool(self.hosts[index])

    @property
    def connections(self) -> int:
        """The least that a pool of the layer's allows, by `max_connections`."""
        return min(int(self.pool(index).max_connections) for index in range(len(self.hosts)))

    def apart(self, name: str | None = None) -> AbstractAsyncContextManager[LayerAdapter]:
        """Lend a layer of the same settings whose queues and connections nobody else uses."""
        return apart(self, name)

    async def cut(self, name: str) -> int:
        """Let each server cut the connections of a layer that is `apart` by that name."""
        return await cut(self, name)

    @abstractmethod
    def rename(self, name: str) -> None:
        """Let the connections that the layer makes from now on tell their server this name."""

    def translated(self) -> AbstractContextManager[None]:
        """Turn what redis-py raises into ours."""
        return self._translated()

    def arrival(self, payload: bytes) -> Arrival:
        """Decode what came off the wire; what cannot be read is told, not raised."""
        body, problem = self.decoded(payload)
        body.pop("__asgi_channel__", None)
        return Arrival(body, len(payload), datetime.now(UTC), problem, None, payload)

    def decoded(self, payload: bytes) -> tuple[dict[str, Any], str | None]:
        """Return the event, or an empty one and why it cannot be read."""
        body: Any = {}
        problem = None
        try:
            with foreign(BadValue, f"not readable as {tried(self.layer)}"):
                body = self.layer.deserialize(payload)
        except BadValue as error:
            found = looks(self.layer, payload)
            problem = f"{error}; {found}" if found else str(error)
        if not isinstance(body, dict):
            body, problem = {}, f"not a dict but {type(body).__name__}"
        return body, problem


async def let_go(client: Redis) -> None:
    """Close a client of ours, and those by which its pool asks Sentinels: redis-py forgets them."""
    await client.aclose(close_connection_pool=True)
    if manager := getattr(client.connection_pool, "sentinel_manager", None):
        for sentinel in manager.sentinels:
            await sentinel.aclose()


def address(host: dict[str, Any]) -> str:
    """Say where a server is, without its credentials."""
    if "address" in host:
        return hidden(str(host["address"]))
    if "master_name" in host:
        return f"Sentinel master {host['master_name']!r}"
    return f"redis://{host.get('host', 'localhost')}:{host.get('port', 6379)}"


async def until_answered(attempt: Callable[[], Awaitable[T]], since: float) -> tuple[T, Hole]:
    """Try until the layer answers, however long that takes; returns what it missed, too.

    That is all since it was heard last.
    """
    while True:
        try:
            answer = await attempt()
        except LayerRaised:
            raise
        except LayerAway:
            await asyncio.sleep(_AGAIN)
        else:
            return answer, Hole(
                seconds=round(elapsed() - since, 3), reason="the layer did not answer"
            )
