"""Another process that uses the same channel layer."""

import asyncio
import functools
import multiprocessing
import os
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from chatops.errors import BrokenLayer, foreign

_PATIENCE = 30.0
"""Seconds for one answer; the first waits for the process to start."""


class Elsewhere:
    """A process that calls a layer's methods when told to; started at the first call.

    It ends with the test run: starting one for each test would take longer than the tests.
    """

    def __init__(self) -> None:
        self._process: Any = None
        self._pipe: Any = None

    async def call(
        self,
        entry: Mapping[str, Any],
        method: str,
        *arguments: object,
        within: float = _PATIENCE,
    ) -> Any:  # noqa: ANN401 - whatever the layer returns
        """Call one method of the other process's layer and return what it returned."""
        return await asyncio.to_thread(self._ask, dict(entry), method, arguments, within)

    def kill(self) -> None:
        """End the process without a warning; the next call starts another."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()
        self._process = None

    def forget(self) -> None:
        """Let the other process empty and close all layers that it has."""
        if self._process is not None:
            self._ask(None, "forget", (), _PATIENCE)

    def _ask(self, *question: object) -> Any:  # noqa: ANN401
        if self._process is None:
            spawning = multiprocessing.get_context("spawn")
            self._pipe, theirs = spawning.Pipe()
            self._process = spawning.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
        self._pipe.send(question)
        if not self._pipe.poll(_PATIENCE):
            raise TimeoutError(f"the other process gave no answer within {_PATIENCE:g} s")
        answer, problem = self._pipe.recv()
        if problem:
            raise BrokenLayer(problem)
        return answer


@functools.cache
def the_other_process() -> Elsewhere:
    """Return the one that all tests of this run share."""
    return Elsewhere()


def _serve(pipe: Connection) -> None:
    """Answer until told to stop, all in one event loop."""
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        import django  # noqa: PLC0415 - only where there is a project

        django.setup()
    asyncio.run(_answer(pipe))


async def _answer(pipe: Connection) -> None:
    from chatops.testing.trial import built, emptied  # noqa: PLC0415 - after django.setup()

    layers: dict[str, Any] = {}
    while (question := await asyncio.to_thread(pipe.recv)) is not None:
        entry, method, arguments, within = question
        answer, problem = None, ""
        try:
            with foreign(BrokenLayer, f"in another process, {method}"):
                if method == "forget":
                    while layers:
                        await emptied(layers.popitem()[1])
                else:
                    if repr(entry) not in layers:
                        layers[repr(entry)] = built(entry)
                    layer = layers[repr(entry)]
                    async with asyncio.timeout(within):
                        answer = await getattr(layer, method)(*arguments)
        except BrokenLayer as error:
            problem = str(error)
        pipe.send((answer, problem))
