"""One run of one command: the bridge from sync to async, and the one exit code."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

import typer

from chatops.cli.signals import unwound, writable
from chatops.cli.streams import is_pipe, silence, streams
from chatops.errors import BadValue, ChatopsError, Exit, Unwritable
from chatops.layers.choose import adapter
from chatops.project.load import load, prepare
from chatops.project.locate import locate
from chatops.project.rooms import room_names
from chatops.rendering.screen import Screen, open_screen

if TYPE_CHECKING:
    from chatops.conf import Conf
    from chatops.model.capability import Capability
    from chatops.model.result import Result
    from chatops.model.source import LayerSource


class Session:
    """What a verb works with: the layer, the project's words, and where results go."""

    def __init__(self, source: "LayerSource", conf: "Conf", screen: Screen) -> None:
        self.source = source
        self.conf = conf
        self.layer = adapter(source.alias)
        self.rooms = room_names(conf)
        self.exit = Exit.DONE
        self._screen = screen
        self._heard = True

    @classmethod
    def run(
        cls,
        verb: Callable[["Session"], None],
        *,
        needs: Iterable["Capability"],
        layer: str,
        json: bool,
        no_color: bool,
        **where: Any,  # noqa: ANN401 - the options of `locate`
    ) -> None:
        """Find the layer, run the verb, and end with its exit code."""
        screen = open_screen(*streams(), json=json, color=not no_color)
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

    def show(self, work: Coroutine[Any, Any, "Result"]) -> None:
        """Wait for one result and show it."""

        async def one() -> None:
            self._shown(await work)

        self._bridge(one())

    def watch(self, values: AsyncGenerator["Result", None], *, empty: str | None = None) -> None:
        """Show each value as it comes, until nobody reads any more, which is a good end.

        The last value decides the exit code. Where none comes and `empty` is given, say that,
        and the answer is no.
        """

        async def each() -> None:
            async with contextlib.aclosing(values):
                async for value in values:
                    await writable()  # a reader that is slow must not stop signals
                    self._shown(value)

        if empty is not None:
            self.exit = Exit.NO
        self._bridge(each(), until_unread=True)
        if empty is not None and self.exit is Exit.NO:
            self._screen.note(empty)

    def act(self, values: AsyncGenerator["Result", None]) -> None:
        """Do all there is to do and show each value as it comes, whether anybody reads or not."""

        async def each() -> None:
            async with contextlib.aclosing(values):
                async for value in values:
                    try:
                        self._shown(value)
                    except BrokenPipeError:
                        self._heard = False

        self._bridge(each())

    def _shown(self, value: "Result") -> None:
        self.exit = value.exit
        if not self._heard:
            return
        try:
            self._screen.show(value)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Unwritable(f"The output cannot be written: {error}") from error

    def _bridge(self, work: Coroutine[Any, Any, None], *, until_unread: bool = False) -> None:
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop()
            work.close()
            raise BadValue(
                "This cannot wait inside an event loop; there, call it by asgiref's sync_to_async."
            )
        try:
            asyncio.run(self._unwinding(work, until_unread=until_unread and is_pipe()))
            self._screen.close()
        except (KeyboardInterrupt, asyncio.CancelledError):
            self.exit = Exit.INTERRUPTED
        except BrokenPipeError:
            silence()
            if until_unread:
                self.exit = Exit.DONE

    async def _unwinding(self, work: Coroutine[Any, Any, None], *, until_unread: bool) -> None:
        """Run the work; a signal or a reader that left ends it as an error would."""
        task = asyncio.ensure_future(work)
        left = asyncio.Event()
        with unwound(task, left if until_unread else None):
            try:
                await task
            except asyncio.CancelledError:
                if not left.is_set():
                    raise
                raise BrokenPipeError from None
            finally:
                await self.layer.close()
