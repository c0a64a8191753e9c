"""The process that goes on reading while we are stopped."""

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from chatops.errors import ChatopsError, LayerAway, LayerRaised, foreign
from chatops.layers.listening.pour import Overrun, Pour
from chatops.layers.listening.spool import Spool, Word

if TYPE_CHECKING:
    from chatops.layers.base import LayerAdapter
    from chatops.layers.listening.feed import Feed
    from chatops.model.watched import Watched

_LOOK = 0.2
"""Seconds between two looks at how much room there is."""

_FAREWELL = 2.0


def become(  # noqa: PLR0913 - each is one end of something
    layer: "LayerAdapter",
    watched: "Watched",
    spool: Spool,
    lifeline: int,
    bell: int,
    *,
    patient: bool,
) -> NoReturn:
    """Listen until nobody holds the other end of the lifeline; ring when there is something.

    A `patient` one waits for a layer that is away. What stops or ends the terminal's processes
    does not reach a session of its own.
    """
    os.setsid()
    signal.set_wakeup_fd(-1)
    for each in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(each, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)  # whoever waits for the end of our output must not wait for us
    _forget_databases()
    # Nothing of what we inherited is closed in order: it is all the other process's.
    asyncio.run(_Child(layer, watched, spool, bell, patient=patient).live(lifeline))
    os._exit(0)


_theirs: list[object] = []


def _forget_databases() -> None:
    """Use none of Django's open connections, and say nothing on them: they are not ours."""
    from django.db import connections  # noqa: PLC0415 - what Django brings is not for --help

    for each in connections.all(initialized_only=True):
        _theirs.append(each.connection)
        each.connection = None


class _Child:
    def __init__(
        self, layer: "LayerAdapter", watched: "Watched", spool: Spool, bell: int, *, patient: bool
    ) -> None:
        # Another one, because that one's connections are not ours.
        self._layer = type(layer)(layer.alias, layer.backend)
        self._watched = watched
        self._spool = spool
        self._bell = bell
        self._patient = patient

    async def live(self, lifeline: int) -> None:
        """Listen until the lifeline ends or a signal comes."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(lifeline, over.set)
        loop.add_signal_handler(signal.SIGTERM, over.set)
        listening = asyncio.ensure_future(self._listen())
        ending = asyncio.ensure_future(over.wait())
        await asyncio.wait([listening, ending], return_when=asyncio.FIRST_COMPLETED)
        for task in (listening, ending):
            task.cancel()
        await asyncio.wait([listening, ending])
        with suppress(ChatopsError, TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await self._layer.close()

    async def _listen(self) -> None:
        try:
            with foreign(LayerRaised, "The process that listens broke"):
                feed = self._layer.feed(self._watched)
                pour = Pour(feed, self._spool)
                while True:
                    await self._pour_patiently(feed, pour)
                    await self._look(pour)
        except ChatopsError as error:
            self._say(Word(error))

    async def _pour_patiently(self, feed: "Feed", pour: Pour) -> None:
        try:
            await self._pour(feed, pour)
        except LayerAway as error:
            if not self._patient or isinstance(error, LayerRaised):
                raise
            await asyncio.sleep(_LOOK)

    async def _pour(self, feed: "Feed", pour: Pour) -> None:
        """Pour until there is no room for what nobody can count."""
        async with feed.frames() as frames:
            self._say(Word(None))
            looking = asyncio.ensure_future(self._look(pour, forever=True))
            try:
                async for frame in frames:
                    pour.add(frame)
                    self._ring()
            except Overrun:
                return
            finally:
                looking.cancel()

    async def _look(self, pour: Pour, *, forever: bool = False) -> None:
        """Look from time to time, until nothing is missed or for ever."""
        while not pour.look() or forever:
            self._ring()
            await asyncio.sleep(_LOOK)
        self._ring()

    def _say(self, word: Word) -> None:
        self._spool.say(word)
        self._ring()

    def _ring(self) -> None:
        if not self._spool.waits:
            return
        with suppress(BlockingIOError, BrokenPipeError):  # rung often enough, or nobody is there
            os.write(self._bell, b"!")
