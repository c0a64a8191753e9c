"""One run of one command: the bridge from sync to async, and the one exit code."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

import typer

from chatops.cli.signals import unwound
from chatops.conf import Conf
from chatops.errors import ChatopsError, Exit
from chatops.layers.choose import adapter
from chatops.model.capability import Capability
from chatops.model.result import Result
from chatops.model.source import LayerSource
from chatops.project.load import load, prepare
from chatops.project.locate import locate
from chatops.project.rooms import room_names
from chatops.rendering.screen import Screen, open_screen

if TYPE_CHECKING:
    from chatops.layers.base import LayerAdapter
    from chatops.project.rooms import RoomNames


class Session:
    """What a verb works with: the layer, the project's words, and where results go."""

    def __init__(self, source: LayerSource, conf: Conf, screen: Screen) -> None:
        self.source = source
        self.conf = conf
        self.layer: LayerAdapter = adapter(source.alias)
        self.rooms: RoomNames = room_names(conf)
        self.exit = Exit.DONE
        self._screen = screen

    @classmethod
    def run(
        cls,
        verb: Callable[["Session"], None],
        *,
        needs: Iterable[Capability],
        layer: str,
        json: bool,
        no_color: bool,
        **where: Any,  # noqa: ANN401 - the options of `locate`
    ) -> None:
        """Find the layer, run the verb, and end with its exit code."""
        screen = open_screen(json=json, color=not no_color)
        # What libraries log is theirs; without this, Python prints it over our output.
        logging.getLogger().addHandler(logging.NullHandler())
        try:
            source = locate(alias=layer, **where)
            conf = load(source)
            session = cls(source, conf, screen)
            for need in needs:
                session.layer.require(need)
            prepare(conf, source.alias)
            verb(session)
            code = session.exit
        except ChatopsError as error:
            screen.error(str(error))
            code = error.exit
        raise typer.Exit(code)

    def show(self, work: Coroutine[Any, Any, Result]) -> None:
        """Wait for one result and show it."""

        async def one() -> None:
            self._shown(await work)

        self._bridge(one())

    def follow(self, values: AsyncGenerator[Result, None], *, empty: str | None = None) -> None:
        """Show each value as it comes; the last one decides the exit code.

        Where none comes and `empty` is given, say that, and the answer is no.
        """

        async def each() -> None:
            async with contextlib.aclosing(values):
                async for value in values:
                    self._shown(value)

        if empty is not None:
            self.exit = Exit.NO
        self._bridge(each())
        if empty is not None and self.exit is Exit.NO:
            self._screen.note(empty)

    def _shown(self, value: Result) -> None:
        self._screen.show(value)
        self.exit = value.exit

    def _bridge(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            asyncio.run(self._unwinding(work))
        except (KeyboardInterrupt, asyncio.CancelledError):
            self.exit = Exit.INTERRUPTED
        except BrokenPipeError:
            self._reader_left()
        finally:
            with contextlib.suppress(BrokenPipeError):
                self._screen.close()

    async def _unwinding(self, work: Coroutine[Any, Any, None]) -> None:
        """Run the work; a signal or a reader that left ends it as an error would."""
        task = asyncio.ensure_future(work)
        left = asyncio.Event()
        with unwound(task, left):
            try:
                await task
            except asyncio.CancelledError:
                if not left.is_set():
                    raise
                raise BrokenPipeError from None
            finally:
                await self.layer.close()

    def _reader_left(self) -> None:
        """Whoever read our output has had enough: that is a good end."""
        self.exit = Exit.DONE
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
