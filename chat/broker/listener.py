"""This process's one channel in a room's group."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from channels.layers import get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer

from chat.broker.layer import AWAY, patiently, place
from chat.broker.subscription import subscription

logger = logging.getLogger(__name__)

FIRST_WAIT = 0.2
LONGEST_WAIT = 3.0


class Listener:
    """Is in one group until it is stopped, and joins again whenever the layer failed under it."""

    def __init__(
        self, group: str, heard: Callable[[object], None], failed: Callable[[], None]
    ) -> None:
        self.joined = asyncio.Event()
        self.deaf = False  # left the group against its will, and not back yet
        self.group = group
        self._heard = heard
        self._failed = failed
        self._channel: str | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, after: "Listener | None") -> None:
        """Begin, once the listener that was in this group before has left it."""
        self._task = asyncio.create_task(self._run(after), name=f"chat listens {self.group}")

    async def gone(self) -> None:
        """Return when it has left."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def stop(self) -> None:
        """Leave the group, in a moment."""
        if self._task is not None:
            self._task.cancel()

    @property
    def stopped(self) -> bool:
        """Whether it has left."""
        return self._task is not None and self._task.done()

    async def stay(self) -> None:
        """Join again where it already is: a layer forgets groups, by age or by starting afresh."""
        if self._channel is not None and self.joined.is_set():
            with suppress(*AWAY):
                await patiently(get_channel_layer().group_add(self.group, self._channel))

    async def _run(self, before: "Listener | None") -> None:
        if before is not None:
            await before.gone()
        wait = FIRST_WAIT
        while True:
            listening = asyncio.create_task(self._listen(), name="chat listening")
            try:
                await asyncio.wait([listening])
            finally:
                listening.cancel()
                if not listening.done():
                    await asyncio.wait([listening])
            if self.joined.is_set():
                wait = FIRST_WAIT
            self.joined.clear()
            self.deaf = True
            self._failed()
            logger.warning("The group %s was left: %r", self.group, listening.exception())
            await asyncio.sleep(wait)
            wait = min(LONGEST_WAIT, 2 * wait)

    async def _listen(self) -> None:
        layer: Any = get_channel_layer()
        if type(layer) is RedisPubSubChannelLayer:
            await self._listen_in_bulk(layer)
        self._channel = channel = await patiently(layer.new_channel())
        try:
            await patiently(layer.group_add(self.group, channel))
            self._join()
            while True:
                self._heard(await layer.receive(channel))
        finally:
            self._channel = None
            with suppress(*AWAY):
                await patiently(layer.group_discard(self.group, channel))

    async def _listen_in_bulk(self, layer: Any) -> NoReturn:  # noqa: ANN401 - Channels ships no types
        channel, shard = place(layer, self.group)
        async with subscription(shard).listen(channel) as ear:
            await patiently(ear.joined)
            self._join()
            while True:
                for body in await ear.bodies():
                    self._heard(layer.deserialize(body))

    def _join(self) -> None:
        self.deaf = False
        self.joined.set()
