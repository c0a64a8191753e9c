"""The command that starts once we watch: what it sends is surely seen."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from signal import SIGTERM

from chatops.cli.streams import streams
from chatops.errors import ChatopsError, CommandFailed

Start = Callable[[], None]


@asynccontextmanager
async def connected(
    command: str | None, failed: Callable[[ChatopsError], None]
) -> AsyncIterator[Start]:
    """Lend what starts the command with the shell, beside us, the first time it is called.

    `failed` is told when it fails. Where the block ends well the command is waited for, because
    it may be in the middle of something; on every other way out it is ended. What it writes is
    talk.
    """
    running: list[asyncio.Task[None]] = []

    def start() -> None:
        if command is not None and not running:
            running.append(asyncio.ensure_future(_run(command, failed)))

    try:
        yield start
        for each in running:
            await each
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _run(command: str, failed: Callable[[ChatopsError], None]) -> None:
    # A session of its own, so that all that it starts can be ended with it.
    process = await asyncio.create_subprocess_shell(
        command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=_talk(),
        stderr=_talk(),
        start_new_session=True,
    )
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, SIGTERM)
        await process.wait()
        raise
    if code:
        failed(CommandFailed(f"--once-connected {command!r} ended with exit code {code}."))


def _talk() -> int:
    try:
        return streams()[1].fileno()
    except (OSError, ValueError):  # somebody's buffer
        return asyncio.subprocess.DEVNULL
