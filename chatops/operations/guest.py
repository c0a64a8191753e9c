"""What the other process does: `python -m chatops.operations.guest`, started by `twin`."""

import asyncio
import gc
import io
import json
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import IO, Any

from chatops.conf import Conf
from chatops.errors import ChatopsError, LayerAway
from chatops.layers.base import LayerAdapter
from chatops.layers.choose import adapter
from chatops.model.source import LayerSource
from chatops.operations.fingerprint import fingerprint
from chatops.operations.lane import Lane, joined
from chatops.operations.probe import PATIENCE, TYPE
from chatops.operations.twin import START
from chatops.project.load import load, prepare

Say = Callable[[dict[str, Any]], None]


class Guest:
    """A visit to one layer: members of groups that the other side has named."""

    def __init__(self, layer: LayerAdapter) -> None:
        self._layer = layer
        self._tasks: list[asyncio.Task[None]] = []
        self._got: list[list[str]] = []

    async def join(self, stack: AsyncExitStack, order: dict[str, Any]) -> dict[str, Any]:
        """Join the groups, for as long as the stack is open, and begin to receive."""
        self._layer.answer_within(order["seconds"])
        stack.push_async_callback(self._layer.close)
        groups = [order["asked"], *[order["group"]] * order["members"]]
        [ear, *members] = await stack.enter_async_context(joined(self._layer, groups))
        stack.push_async_callback(self._silence)
        self._got = [[] for _ in members]
        collecting = [
            each.collect(parts, START) for each, parts in zip(members, self._got, strict=True)
        ]
        self._tasks = [asyncio.create_task(each) for each in (self._answer(ear), *collecting)]
        return {"config": fingerprint(self._layer.entry, order["salt"])}

    async def count(self) -> dict[str, Any]:
        """Return what each member of the group got, once the last message has come."""
        await asyncio.wait(self._tasks, timeout=PATIENCE)
        return {"got": self._got}

    async def _answer(self, ear: Lane) -> None:
        if came := await ear.receive(START):
            await self._layer.group_send(came["reply"], {"type": TYPE, "part": "answer"})

    async def _silence(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _serve(conf: Conf, orders: asyncio.StreamReader, say: Say) -> None:
    """Do what each line says, until there are no more."""
    guest: Guest | None = None
    async with AsyncExitStack() as stack:
        while line := await orders.readline():
            order, answer = json.loads(line), {}
            try:
                match order["do"]:
                    case "join":
                        await asyncio.to_thread(prepare, conf, order["alias"])
                        guest = Guest(adapter(order["alias"]))
                        answer = await guest.join(stack, order)
                    case "count" if guest is not None:
                        answer = await guest.count()
                    case "leave":
                        await stack.aclose()
            except ChatopsError as error:
                answer = {"error": str(error), "away": isinstance(error, LayerAway)}
            say({**answer, "number": order["number"]})


async def _reading(place: IO[bytes]) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), place)
    return reader


def main() -> None:
    """Be the other process: read what to do from stdin."""
    gc.disable()  # what it imports stays, and it is gone before there is much else
    parent = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the project prints while it is loaded is not for the parent

    def say(answer: dict[str, Any]) -> None:
        print(json.dumps(answer), file=parent, flush=True)

    async def serve() -> None:
        await _serve(conf, await _reading(orders), say)

    # Unbuffered: what comes after the first line is for the event loop to read.
    with io.FileIO(0, closefd=False) as orders:
        source = LayerSource(**json.loads(orders.readline()))
        signal.alarm(int(START))  # an import that hangs ends, though nobody asks any more
        try:
            conf = load(source)
            with suppress(ChatopsError):  # told when it is asked for
                adapter(source.alias)  # its libraries are loaded while nobody waits for them
        except ChatopsError as error:
            say({"error": str(error)})
            return
        signal.alarm(0)
        asyncio.run(serve())


if __name__ == "__main__":
    main()
