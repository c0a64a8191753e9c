"""What a test hears: arrivals and holes, until there is enough."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from processes import DEADLINE, Process, short_folder

from chatops.model.message import Hole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chatops.layers.base import Arrivals
    from chatops.model.message import Arrival


class Heard:
    """Everything that came so far."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self.got: list[Arrival] = []
        self.holes: list[Hole] = []

    async def until(self, enough: Callable[[Heard], object]) -> Heard:
        """Listen until that is true."""
        async with asyncio.timeout(DEADLINE):
            while not enough(self):
                for each in await anext(self._arrivals):
                    if isinstance(each, Hole):
                        self.holes.append(each)
                    else:
                        self.got.append(each)
        return self

    async def seeing(self, send: Callable[[], object], *groups: str | None) -> Heard:
        """Send again and again until something came of each of these groups."""

        async def again() -> None:
            while True:
                send()
                await asyncio.sleep(0.05)

        sending = asyncio.ensure_future(again())
        try:
            return await self.until(lambda own: set(groups) <= {each.group for each in own.got})
        finally:
            sending.cancel()

    @property
    def missed(self) -> int:
        """How many messages the holes count."""
        return sum(hole.missed or 0 for hole in self.holes)

    @property
    def numbers(self) -> list[Any]:
        """The field `n` of each event."""
        return [each.body.get("n") for each in self.got]


# One listener in a process of its own, as `tail` is; it says what it heard, and can be stopped.
SCRIPT = """
import asyncio, json, signal, sys

from django.conf import settings

from chatops.layers.choose import adapter
from chatops.layers.listening.reading import reading
from chatops.model.message import Hole
from chatops.model.watched import Watched


async def main(heard):
    async with heard.listen() as arrivals:
        print("ready", heard.pid, flush=True)
        async for batch in arrivals:
            for each in batch:
                if isinstance(each, Hole):
                    print("hole", json.dumps([each.reason, each.missed, each.lasts]), flush=True)
                else:
                    print("got", each.group, each.body.get("n"))
            sys.stdout.flush()


signal.signal(signal.SIGTERM, lambda *_: sys.exit())
entry, groups, globs, size = map(json.loads, sys.argv[1:])
settings.configure(CHANNEL_LAYERS={"default": entry})
watched = Watched(groups=tuple(groups), globs=tuple(globs))
with reading(adapter("default"), watched, size) as heard:
    asyncio.run(main(heard))
"""


class Listener(Process):
    """A process that listens by a child of its own."""

    def answers(self) -> bool:
        """Tell whether it listens."""
        return "ready " in self.log and self.log.endswith("\n")

    @property
    def child(self) -> int:
        """The process id of its child."""
        return int(self.log.partition("ready ")[2].split()[0])

    @property
    def got(self) -> list[int]:
        """The numbers of what it heard."""
        whole = self.log.rpartition("\n")[0].splitlines()
        lines = [line.split() for line in whole if line.startswith("got ")]
        return [int(line[2]) for line in lines]

    @property
    def holes(self) -> list[list[Any]]:
        """The reasons of its holes, how many were missed, and whether they last."""
        whole = self.log.rpartition("\n")[0].splitlines()
        lines = [line for line in whole if line.startswith("hole ")]
        return [json.loads(line[5:]) for line in lines]


@contextmanager
def listener(
    entry: dict[str, Any], *groups: str, globs: tuple[str, ...] = (), size: int = 256 << 20
) -> Iterator[Listener]:
    """Run a listener until it is stopped; it is killed at the latest with the block."""
    with short_folder() as folder:
        arguments = [json.dumps(each) for each in (entry, groups, globs, size)]
        running = _listener(folder, arguments)
        try:
            running.start()
            yield running
        finally:
            running.stop()


def _listener(folder: Path, arguments: list[str]) -> Listener:
    return Listener([sys.executable, "-c", SCRIPT, *arguments], folder, os.environ)
