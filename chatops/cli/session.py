"""One run of one command: the bridge from sync to async, and the one exit code."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatops.cli.bridge import wait_for
from chatops.cli.ending import end, show
from chatops.cli.output import Output
from chatops.cli.signals import writable
from chatops.cli.streams import silence, streams
from chatops.errors import BadValue, Exit, Unwritable, worse
from chatops.layers.choose import adapter
from chatops.layers.every import every_layer
from chatops.project.load import load, prepare
from chatops.project.locate import locate
from chatops.project.rooms import room_names
from chatops.rendering.screen import Format, Screen, Surface, open_screen

if TYPE_CHECKING:
    from chatops.conf import Conf
    from chatops.layers.base import LayerAdapter
    from chatops.model.capability import Capability
    from chatops.model.message import Shown
    from chatops.model.source import LayerSource


class Session:
    """What a verb works with: the layer, the project's words, and where results go."""

    surface: Surface

    def __init__(
        self,
        source: "LayerSource",
        conf: "Conf",
        screen: Screen,
        needs: Iterable["Capability"] = (),
    ) -> None:
        self.source = source
        self.conf = conf
        self.rooms = room_names(conf)
        self.exit = Exit.DONE
        self.vouched = False  # whether key and serializer are surely the application's
        self.ahead: Any = None  # what the verb had begun before the project was loaded
        self._needs = needs
        self._screen = screen
        self._heard = True
        self._opened: list[LayerAdapter] = []

    @classmethod
    def run(  # noqa: PLR0913 - each is one option, by name
        cls,
        verb: Callable[["Session"], None],
        *,
        needs: Iterable["Capability"],
        layer: str,
        json: bool,
        no_color: bool,
        form: Format = Format.TABLE,
        output: Path | None = None,
        ahead: Callable[["LayerSource"], contextlib.AbstractContextManager[Any]] | None = None,
        **where: Any,  # noqa: ANN401 - the options of `locate`
    ) -> None:
        """Find the layer, run the verb, and end with its exit code."""
        out, talk = streams()
        place = Output(output, out)
        chosen = Format.JSON if json and form is not Format.NAGIOS else form
        screen = open_screen(place.stream, talk, form=chosen, color=not no_color, layer=layer)

        def work() -> Exit:
            if json and form not in {Format.TABLE, Format.JSON}:
                raise BadValue(f"--json and --format {form} contradict one another.")
            source = locate(alias=layer, **where)
            for caution in source.cautions:
                screen.note(caution)
            with ahead(source) if ahead is not None else contextlib.nullcontext() as begun:
                session = cls(source, load(source), screen, needs)
                session.ahead = begun
                session.surface = Surface(
                    screen=screen, out=place.stream, json=json, color=not no_color
                )
                verb(session)
            return session.exit

        end(screen, place, work)

    @cached_property
    def layer(self) -> "LayerAdapter":
        """The layer that was named, which can do what the verb needs."""
        [layer] = self.layers(every=False)
        return layer

    def layers(self, *, every: bool) -> Sequence["LayerAdapter"]:
        """Open the layer that was named, or one for each alias of CHANNEL_LAYERS, ready for use."""
        self._opened = every_layer() if every else [adapter(self.source.alias)]
        if self.source.alias not in {"default", *(each.alias for each in self._opened)}:
            adapter(self.source.alias)  # says which there are
        for layer in self._opened:
            layer.vouched = self.vouched
            layer.looked = self.source.looked
            for need in self._needs:
                layer.require(need)
            prepare(self.conf, layer.alias)
        return self._opened

    def note(self, text: str) -> None:
        """Say what a person may want to know, while something goes on."""
        with contextlib.suppress(OSError):
            self._screen.note(text)

    def alone(self) -> None:
        """Say as what a server alone was looked at, where nobody was found there."""
        if self.source.looked is not None:
            self.note(self.source.looked)

    def show(self, work: Coroutine[Any, Any, "Shown"]) -> None:
        """Wait for one result and show it."""

        async def one() -> None:
            self._shown(await work)

        self._bridge(one())

    def watch(self, values: AsyncGenerator["Shown", None], *, empty: str | None = None) -> None:
        """Show each value as it comes, until nobody reads any more, which is a good end.

        The last value decides the exit code. Where `empty` is given, one that is done does; where
        none comes, say that, and the answer is no.
        """

        async def each() -> None:
            is_done = False
            async with contextlib.aclosing(values):
                async for value in values:
                    await writable()  # a reader that is slow must not stop signals
                    self._shown(value)
                    is_done = is_done or value.exit is Exit.DONE
            if empty is not None and is_done:
                self.exit = Exit.DONE

        if empty is not None:
            self.exit = Exit.NO
        self._bridge(each(), until_unread=True)
        if empty is not None and self.exit is Exit.NO:
            self._screen.note(empty)
            self.alone()

    def follow(self, work: Coroutine[Any, Any, None]) -> None:
        """Do work that shows what it finds by itself, until nobody reads any more."""
        self._bridge(work, until_unread=True)

    def act(self, values: AsyncGenerator["Shown", None]) -> None:
        """Do all there is to do and show each value as it comes, whether anybody reads or not."""
        self._bridge(self._all(values, lambda _, last: last))

    def collect(self, values: AsyncGenerator["Shown", None]) -> None:
        """Show each value, whether anybody reads or not; the worst decides the exit code."""
        self._bridge(self._all(values, worse))

    async def _all(
        self, values: AsyncGenerator["Shown", None], both: Callable[[Exit, Exit], Exit]
    ) -> None:
        """Show each value as long as somebody reads; `both` says what two exit codes mean."""
        code, lost, value = Exit.DONE, None, None
        try:
            async with contextlib.aclosing(values):
                async for value in values:
                    try:
                        self._shown(value)
                    except BrokenPipeError:
                        self._heard = False
                    except Unwritable as error:
                        self._heard, lost = False, error
                    self.exit = code = both(code, value.exit)
        finally:
            if lost is not None and value is not None:
                self._tell(value)
        if lost is not None:
            raise lost

    def _tell(self, value: "Shown") -> None:
        """Show what ended it where all talk goes: nothing else could be written."""
        talk = streams()[1]
        with contextlib.suppress(OSError):
            open_screen(talk, talk, form=Format.TABLE, color=False).show(value)

    def _shown(self, value: "Shown") -> None:
        self.exit = value.exit
        if not self._heard:
            return
        show(self._screen, value)

    def _bridge(self, work: Coroutine[Any, Any, None], *, until_unread: bool = False) -> None:
        try:
            wait_for(work, self._close, until_unread=until_unread)
            self._screen.close()
        except (KeyboardInterrupt, asyncio.CancelledError):
            self.exit = Exit.INTERRUPTED
        except BrokenPipeError:
            silence()
            if until_unread:
                self.exit = Exit.DONE

    async def _close(self) -> None:
        for layer in self._opened:
            await layer.close()
