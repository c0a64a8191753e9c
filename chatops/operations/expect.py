"""Wait for a message."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from chatops.errors import LayerAway, TimeRanOut
from chatops.layers.base import Arrivals, LayerAdapter
from chatops.layers.opened import START
from chatops.model.message import Arrival, Hole, Message, Ready
from chatops.model.target import Target
from chatops.model.watched import Watched
from chatops.model.wish import Wish
from chatops.operations.opening import opening

_LAST = 5
_LONGEST = 300
"""Characters of an event that are told."""


async def expect(
    layer: LayerAdapter, target: Target, wish: Wish, *, seconds: float, count: int = 1
) -> AsyncGenerator[Ready | Message, None]:
    """Yield the first `count` messages to the target that are wished for.

    Raises `TimeRanOut` after `seconds` with what came instead, `LayerAway` where the layer was
    away then.
    """
    layer.check_group(target.group)
    seen = Seen(target, wish)
    listening = layer.listen(Watched(groups=(target.group,)))
    async with opening(layer, listening, seconds) as batches:
        yield Ready(room=target.room, group=target.group)
        deadline = asyncio.get_running_loop().time() + seconds
        async with aclosing(seen.wished(batches)) as wished:
            for _ in range(count):
                try:
                    async with asyncio.timeout_at(deadline):
                        message = await anext(wished)
                except TimeoutError:
                    if seen.away:
                        raise LayerAway(
                            f"The channel layer {layer} did not answer to the end.", START
                        ) from None
                    fix = layer.looked if seen.is_nothing else None
                    raise TimeRanOut(seen.missed(seconds, count), fix) from None
                yield message


class Seen:
    """What a target was sent while a message is waited for: those wished for, and the others."""

    def __init__(self, target: Target, wish: Wish) -> None:
        self._target = target
        self._wish = wish
        self._others = self._holes = self._met = 0
        self._nearest: Message | None = None
        self._last: deque[Message] = deque(maxlen=_LAST)
        self.away = False

    @property
    def is_nothing(self) -> bool:
        """Tell whether nothing came at all."""
        return not (self._met or self._others or self._holes)

    async def wished(self, batches: Arrivals) -> AsyncGenerator[Message, None]:
        """Yield those that are wished for, and remember a little of the others."""
        async for batch in batches:
            for each in batch:
                self.away = isinstance(each, Hole) and each.lasts
                if isinstance(each, Hole):
                    self._holes += not each.lasts
                elif self._wish.meets(message := _told(self._target, each)):
                    self._met += 1
                    yield message
                else:
                    self._pass(message)

    def _pass(self, message: Message) -> None:
        self._others += 1
        self._last.append(message)
        near = self._wish.closeness
        if self._nearest is None or near(message) >= near(self._nearest):
            self._nearest = message

    def missed(self, seconds: float, count: int = 1) -> str:
        """Say in one line that they did not come, and what came instead."""
        return " ".join(self._told(seconds, count))

    def report(self, seconds: float) -> str:
        """Say the same, and show the last of what came instead."""
        last = [f"  {each.seen_at.astimezone():%H:%M:%S} {_event(each)}" for each in self._last]
        if len(last) <= 1:
            return self.missed(seconds)
        return "\n".join([self.missed(seconds), f"The last {len(last)} of them:", *last])

    def _told(self, seconds: float, count: int) -> Iterable[str]:
        many = "No" if count == 1 else f"{self._met} of {count} times a"
        yield f"{many} {self._wish} came in {self._target} within {seconds:g} s."
        if self._nearest is None:
            yield "No other came." if self._met else "None came at all."
        else:
            others = "1 other came" if self._others == 1 else f"{self._others} others came"
            nearest = "" if self._others == 1 else ", the nearest"
            yield f"{others}{nearest}: {_event(self._nearest)}"
        if self.away:
            yield "The layer does not answer."
        elif self._holes:
            yield "There was a gap, in which it may have come."


def _event(message: Message) -> str:
    """Show the event of a message in one line, cut where it is long."""
    if message.problem is not None:
        return message.problem
    text = json.dumps(message.body, default=repr, ensure_ascii=False, skipkeys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _told(target: Target, each: Arrival) -> Message:
    return Message(
        room=target.room,
        group=target.group,
        type=each.type,
        body=each.body,
        seen_at=each.seen_at,
        bytes=each.size,
        problem=each.problem,
    )
