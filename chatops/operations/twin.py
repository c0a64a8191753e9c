"""Another process of ours on the same channel layer, and the probe that talks to it."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import IO

from chatops.errors import ChatopsError
from chatops.layers.base import LayerAdapter
from chatops.layers.choose import adapter
from chatops.model.finding import Finding
from chatops.model.rules.live import ANOTHER_PROCESS
from chatops.model.source import LayerSource
from chatops.operations.probe import LEASE, PATIENCE, TYPE, probe_group
from chatops.project.load import load, prepare

READY = "ready"

_START = 20.0
"""Seconds that the other process may take to be ready: it imports the whole project."""


async def answer_from_another_process(layer: LayerAdapter, source: LayerSource) -> Finding:
    """Start another process, send to a group that only it is in, and wait for its answer."""
    if source.settings is None and source.url is None:
        return ANOTHER_PROCESS.unknown("no module holds these settings for another process to read")
    # Both ways by groups, because a core layer on several hosts loses what is sent directly.
    asked, answered = probe_group(), probe_group()
    channel = await layer.new_channel()
    await layer.group_add(answered, channel, lease=LEASE)
    try:
        async with _twin(source, asked) as said:
            if said != READY:
                return ANOTHER_PROCESS.fail(
                    f"the other process could not use the layer: {said}",
                    "Run the check from where the project can be imported.",
                )
            await layer.group_send(asked, {"type": TYPE, "reply": answered})
            answer = await layer.receive(channel, PATIENCE)
    finally:
        await layer.group_discard(answered, channel)
    if answer is not None:
        return ANOTHER_PROCESS.ok("it got a group's message, and its answer came back")
    return ANOTHER_PROCESS.fail(
        f"no answer within {PATIENCE:.0f} s: what one process sends, another does not get"
    )


@asynccontextmanager
async def _twin(source: LayerSource, group: str) -> AsyncGenerator[str, None]:
    """Run the other process for as long as the block does; gives what it said at last."""
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "chatops.operations.twin"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert process.stdin is not None  # noqa: S101 - both are pipes, see above
        assert process.stdout is not None  # noqa: S101
        try:
            # By stdin, because a URL may hold a password and everybody can read arguments.
            order = {"source": asdict(source), "group": group}
            process.stdin.write(json.dumps(order).encode() + b"\n")
            yield await _said(process.stdout, log)
        finally:
            process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), PATIENCE)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _said(stdout: asyncio.StreamReader, log: IO[bytes]) -> str:
    try:
        async with asyncio.timeout(_START):
            said = (await stdout.readline()).decode().strip()
    except TimeoutError:
        return f"it was not ready within {_START:.0f} s"
    log.seek(0)
    complaint = log.read().decode(errors="replace").strip().splitlines()
    return said or (complaint[-1] if complaint else "it ended without a word")


async def _answer(layer: LayerAdapter, group: str, say: Callable[[str], None]) -> None:
    """Join the group, say that we are ready, and answer until stdin is closed."""
    closed = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), closed.set)
    channel = await layer.new_channel()
    await layer.group_add(group, channel, lease=LEASE)
    answering = asyncio.create_task(_answer_one(layer, channel))
    try:
        say(READY)
        await closed.wait()
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
        await layer.group_discard(group, channel)
        await layer.close()


async def _answer_one(layer: LayerAdapter, channel: str) -> None:
    if came := await layer.receive(channel, _START):
        await layer.group_send(came["reply"], {"type": TYPE})


def main() -> None:
    """Be the other process: read what to do from stdin."""
    parent = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the project prints while it is loaded is not for the parent

    def say(line: str) -> None:
        print(line, file=parent, flush=True)

    order = json.loads(sys.stdin.readline())
    source = LayerSource(**order["source"])
    try:
        prepare(load(source), source.alias)
        asyncio.run(_answer(adapter(source.alias), order["group"], say))
    except ChatopsError as error:
        say(str(error))


if __name__ == "__main__":
    main()
