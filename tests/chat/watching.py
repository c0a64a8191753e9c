"""A client that watches who is in a room, for tests."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from talking import DEADLINE, join

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from servers import Site
    from talking import Talk

Frame = dict[str, Any]


class Watcher:
    """Applies what it is told, as the page does."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.people: dict[str, str] = {}
        self.count: int | None = None
        self.frames: list[Frame] = []

    @property
    def names(self) -> list[str]:
        return sorted(self.people.values())

    async def until(self, condition: Callable[[], bool]) -> float:
        """Read until something holds; return the seconds that took."""
        started = time.monotonic()
        async with asyncio.timeout(DEADLINE):
            while not condition():
                self._take(await self.talk.next())
        return time.monotonic() - started

    async def next(self, kind: str) -> Frame:
        """Read up to the next frame of a type."""
        while True:
            frame = await self.talk.next()
            self._take(frame)
            if frame["type"] == kind:
                return frame

    def _take(self, frame: Frame) -> None:
        self.frames.append(frame)
        if frame["type"] != "people":
            return
        self.count = frame["count"]
        if "people" in frame:
            self.people = {}
        for person in (*frame.get("people", ()), *frame.get("joined", ())):
            self.people[person["id"]] = person["name"]
        for person in frame.get("left", ()):
            self.people.pop(person, None)


@asynccontextmanager
async def watch(site: Site, room: str, **options: Any) -> AsyncIterator[Watcher]:
    """Come into a room and watch it."""
    async with join(site, room, **options) as talk:
        watcher = Watcher(talk)
        await talk.send(json.dumps({"people": True}))
        await watcher.until(lambda: watcher.count is not None)
        yield watcher
