"""Somebody at a terminal: sees a footer; pauses, filters and quits with single keys."""

import asyncio
import re
import shutil
import sys
import time
from collections.abc import Callable
from typing import IO

from chatops.cli.keys import Keys
from chatops.cli.outlet import Outlet
from chatops.errors import BadValue
from chatops.model.message import Gap, Heard, Message
from chatops.operations.searching import Search
from chatops.operations.tally import Tally
from chatops.rendering.feed import Feed
from chatops.rendering.footer import CLEAR, Footer
from chatops.rendering.paint import obeys, paint_for

_REFRESH = 0.5
"""Seconds between two looks at the rate."""

_ENTER, _ESCAPE, _RUBOUTS = "\r\n", "\x1b", "\x7f\x08"
_COLOURS = re.compile(r"\x1b\[[\d;]*m")
_ENDLESS = "it takes seconds on a single message"


def is_live(out: IO[str]) -> bool:
    """Tell whether somebody sits there: stdin and stdout are a terminal."""
    try:
        return out is sys.stdout and obeys(out) and sys.stdin.isatty()
    except (ValueError, AttributeError):  # they were closed before we were started
        return False


class Desk:
    """Writes what is heard above its footer."""

    def __init__(
        self, outlet: Outlet, feed: Feed, tally: Tally, end: Callable[[], None], *, color: bool
    ) -> None:
        self._outlet = outlet
        self._feed = feed
        self._tally = tally
        self._paint = paint_for(outlet.out, color=color)
        self._end = end
        self._goes_on, self._changed = asyncio.Event(), asyncio.Event()
        self._goes_on.set()
        self._filter: Search | None = None
        self._typed: str | None = None
        self._wrong = ""
        self._rate = 0.0
        self._last = 0, time.monotonic()

    async def write(self, heard: Heard) -> None:
        """Write the lines, once we are not paused."""
        await self._goes_on.wait()
        await self._outlet.write(
            f"{CLEAR}{self._feed.lines(self._filtered(heard))}{self._footer()}"
        )

    def clear(self) -> None:
        """Take the footer away, which comes back by itself."""
        self._outlet.attempt(CLEAR)

    async def run(self) -> None:
        """Take keys and keep the footer true, until cancelled."""
        with Keys(self._press, self._changed.set) as keys:
            while True:
                await self._outlet.write(f"{CLEAR}{self._footer()}")
                try:
                    async with asyncio.timeout(_REFRESH):
                        await self._changed.wait()
                except TimeoutError:
                    self._measure()
                    keys.listen()
                self._changed.clear()

    def _filtered(self, heard: Heard) -> Heard:
        wanted = self._filter
        if wanted is None:
            return heard
        try:
            with wanted.bounded():
                return [
                    each
                    for each in heard
                    if isinstance(each, Gap) or wanted.found_in([self._plain(each)])
                ]
        except BadValue:  # filter no more, and let it be typed again
            self._filter, self._typed, self._wrong = None, wanted.pattern, _ENDLESS
            return heard

    def _plain(self, each: Message | Gap) -> str:
        return _COLOURS.sub("", self._feed.lines([each]))

    def _measure(self) -> None:
        seen, now = self._tally.seen, time.monotonic()
        before, since = self._last
        self._rate, self._last = (seen - before) / (now - since), (seen, now)

    def _footer(self) -> str:
        footer = Footer(
            seen=self._tally.seen,
            per_s=self._rate,
            missed=self._tally.missed,
            paused=not self._goes_on.is_set(),
            filter=self._filter.pattern if self._filter else "",
            typed=self._typed,
            wrong=self._wrong,
        )
        return footer.drawn(self._paint, shutil.get_terminal_size().columns)

    def _press(self, key: str) -> None:
        self._changed.set()
        if self._typed is not None:
            self._type(self._typed, key)
        elif key == "q":
            self._end()
        elif key == "/":
            self._typed, self._wrong = self._filter.pattern if self._filter else "", ""
        elif key == " ":
            if self._goes_on.is_set():
                self._goes_on.clear()
            else:
                self._goes_on.set()

    def _type(self, typed: str, key: str) -> None:
        if key in _ENTER:
            try:
                self._filter = Search(re.compile(typed)) if typed else None
                self._typed = None
            except re.error as error:
                self._wrong = f"no regular expression: {error}"
        elif key == _ESCAPE:
            self._typed = None
        elif key in _RUBOUTS:
            self._typed = typed[:-1]
        elif key.isprintable():
            self._typed = typed + key
