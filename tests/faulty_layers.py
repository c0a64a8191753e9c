"""Channel layers with one fault each, which the conformance suite must find."""

# ruff: noqa: ARG002 - the names are those of the interface

from __future__ import annotations

import asyncio
import json
from typing import Any, ClassVar

from channels.layers import InMemoryChannelLayer

Message = dict[str, Any]


class Layer(InMemoryChannelLayer):  # type: ignore[misc]
    """What each fault is built into."""


class Twice(Layer):
    async def send(self, channel: str, message: Message) -> None:
        await super().send(channel, message)
        await super().send(channel, message)


class OneName(Layer):
    async def new_channel(self, prefix: str = "specific.") -> str:
        return f"{prefix}always!thesame"


class Spaces(Layer):
    async def new_channel(self, prefix: str = "specific.") -> str:
        return f"{prefix}a b!c"


class Impatient(Layer):
    async def receive(self, channel: str) -> Any:
        if channel not in self.channels:
            await asyncio.Event().wait()
        return await super().receive(channel)


class OneQueue(Layer):
    async def send(self, channel: str, message: Message) -> None:
        await super().send("all", message)

    async def receive(self, channel: str) -> Any:
        return await super().receive("all")


class Forgetful(Layer):
    async def receive(self, channel: str) -> Any:
        message = await super().receive(channel)
        self.channels = {name: self.channels[name] for name in self.channels if name == channel}
        return message


class Strict(Layer):
    async def send(self, channel: str, message: Message) -> None:
        if channel not in self.channels:
            raise LookupError(channel)
        await super().send(channel, message)


class Stack(Layer):
    async def send(self, channel: str, message: Message) -> None:
        self.channels.setdefault(channel, asyncio.LifoQueue())
        await super().send(channel, message)


class FirstOnly(Layer):
    async def group_send(self, group: str, message: Message) -> None:
        for channel in list(self.groups.get(group, ()))[:1]:
            await self.send(channel, message)


class Lonely(Layer):
    async def group_send(self, group: str, message: Message) -> None:
        if group not in self.groups:
            raise LookupError(group)
        await super().group_send(group, message)


class Multiset(Layer):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.members: dict[str, list[str]] = {}

    async def group_add(self, group: str, channel: str) -> None:
        self.members.setdefault(group, []).append(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        if channel in self.members.get(group, ()):
            self.members[group].remove(channel)

    async def group_send(self, group: str, message: Message) -> None:
        for channel in self.members.get(group, ()):
            await self.send(channel, message)


class Sticky(Layer):
    async def group_discard(self, group: str, channel: str) -> None:
        pass


class Unforgiving(Layer):
    async def group_discard(self, group: str, channel: str) -> None:
        await super().group_discard(group, channel)
        self.banned = channel

    async def group_add(self, group: str, channel: str) -> None:
        if channel != getattr(self, "banned", None):
            await super().group_add(group, channel)


class Closing(Layer):
    async def group_discard(self, group: str, channel: str) -> None:
        await super().group_discard(group, channel)
        self.closed = None if group in self.groups else group

    async def group_add(self, group: str, channel: str) -> None:
        if group != getattr(self, "closed", None):
            await super().group_add(group, channel)


class Picky(Layer):
    async def group_discard(self, group: str, channel: str) -> None:
        del self.groups[group][channel]


class ByPrefix(Layer):
    async def group_send(self, group: str, message: Message) -> None:
        for name in [name for name in self.groups if name.startswith(group)]:
            await super().group_send(name, message)


class OneNamespace(Layer):
    async def send(self, channel: str, message: Message) -> None:
        for member in self.groups.get(channel, ()):
            await super().send(member, message)
        await super().send(channel, message)


class Leaver(Layer):
    async def group_discard(self, group: str, channel: str) -> None:
        for each in list(self.groups):
            await super().group_discard(each, channel)


class Counting(Layer):
    async def group_send(self, group: str, message: Message) -> None:
        self.sent = getattr(self, "sent", 0) + 1
        if self.sent <= self.capacity:
            await super().group_send(group, message)


class AllOrNobody(Layer):
    async def group_send(self, group: str, message: Message) -> None:
        queues = [self.channels.get(name) for name in self.groups.get(group, ())]
        if not any(queue and queue.full() for queue in queues):
            await super().group_send(group, message)


class Narrow(Layer):
    MAX_NAME_LENGTH = 50


class Small(Layer):
    async def send(self, channel: str, message: Message) -> None:
        if len(str(message)) < 65536:
            await super().send(channel, message)


class Marking(Layer):
    async def send(self, channel: str, message: Message) -> None:
        message["to"] = channel
        await super().send(channel, message)


class Aliasing(Layer):
    async def send(self, channel: str, message: Message) -> None:
        await super().send(channel, {})
        self.channels[channel]._queue[-1] = (2**60, message)


class Stringly(Layer):
    async def send(self, channel: str, message: Message) -> None:
        await super().send(channel, {key: str(value) for key, value in message.items()})


class Poisoned(Layer):
    poisoned = False

    async def send(self, channel: str, message: Message) -> None:
        if self.poisoned:
            message = {"type": "error"}
        self.poisoned = True
        json.dumps(message)
        self.poisoned = message["type"] == "error"
        await super().send(channel, message)


class Magic(Layer):
    extensions: ClassVar = ["groups", "flush", "magic"]


class Methodless(Layer):
    group_discard = None


class OnceFlushed(Layer):
    async def flush(self) -> None:
        self.groups = None


class Unflushed(Layer):
    async def flush(self) -> None:
        pass


class Everywhere(Layer):
    """One layer for all, whatever their prefix."""

    everybody: ClassVar[dict[str, Any]] = {}
    everything: ClassVar[dict[str, Any]] = {}

    def __init__(self, prefix: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.groups, self.channels = self.everybody, self.everything

    async def flush(self) -> None:
        self.everybody.clear()
        self.everything.clear()


class Dissolving(Everywhere):
    async def group_discard(self, group: str, channel: str) -> None:
        self.groups.pop(group, None)


class OneLoop(Layer):
    loop: asyncio.AbstractEventLoop | None = None

    async def group_send(self, group: str, message: Message) -> None:
        self.loop = self.loop or asyncio.get_running_loop()
        if self.loop is not asyncio.get_running_loop():
            raise RuntimeError("another event loop")
        await super().group_send(group, message)

    async def group_add(self, group: str, channel: str) -> None:
        self.loop = self.loop or asyncio.get_running_loop()
        await super().group_add(group, channel)
