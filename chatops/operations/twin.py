"""Another process of ours, which reads the same settings anew."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from chatops.model.rules.live import ACROSS, ANOTHER_PROCESS
from chatops.model.source import LayerSource
from chatops.model.wanted import Wanted
from chatops.operations.probe import PATIENCE

START = 20.0
"""Seconds that the other process may take to be ready: it imports the whole project."""

_CHUNK = 65536


class Twin:
    """Another process, which can be asked about one layer after the other.

    It takes one JSON object a line, and answers each by one. It ends when we do, however.
    """

    def __init__(self, source: LayerSource) -> None:
        self.source = source
        self._process: subprocess.Popen[bytes] | None = None
        self._read = b""
        self._busy = False
        self._number = 0
        self._refused: str | None = None

    @property
    def possible(self) -> bool:
        """Whether another process can find these settings at all."""
        return self.source.settings is not None or self.source.url is not None

    def start(self) -> None:
        """Start it, without waiting for it; safe where it runs."""
        if not self.possible or (self._process is not None and self._process.poll() is None):
            return
        self.end()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "chatops.operations.guest"],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,  # Ctrl-C is ours to heed
            )
        except OSError as error:
            self._refused = str(error)
            self._log.close()
            return
        # By stdin, because a URL may hold a password and everybody can read arguments.
        self._write(asdict(self.source))

    async def ask(self, patience: float, **order: object) -> dict[str, Any]:
        """Give an order and return the answer; `error` in it says why there is none."""
        if self._process is None:
            return {"error": self._refused or "it was not started"}
        self._busy = order["do"] in {"join", "count"}
        self._number += 1
        self._write({**order, "number": self._number})
        try:
            async with asyncio.timeout(patience):
                while line := await self._line(self._process):
                    answer: dict[str, Any] = json.loads(line)
                    # Nobody waited for the answers to earlier orders.
                    if answer.get("number", self._number) == self._number:
                        return answer
        except TimeoutError:
            return {"error": f"it gave no answer within {patience:.0f} s"}
        return {"error": self._last_words()}

    def end(self) -> None:
        """End it, and wait until it has; safe where it never started."""
        if self._process is None:
            return
        process, self._process = self._process, None
        assert process.stdin is not None  # noqa: S101 - both are pipes, see above
        assert process.stdout is not None  # noqa: S101
        process.stdin.close()
        if not self._busy:  # else it has something to clean up first
            process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        self._log.close()
        self._read, self._busy = b"", False

    def _write(self, order: object) -> None:
        assert self._process is not None  # noqa: S101 - the callers have looked
        assert self._process.stdin is not None  # noqa: S101
        with suppress(OSError):  # it has ended; that is told where its answer is missing
            self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def _line(self, process: "subprocess.Popen[bytes]") -> bytes:
        """Return its next line, nothing where it has ended."""
        assert process.stdout is not None  # noqa: S101 - a pipe
        readable, loop, place = asyncio.Event(), asyncio.get_running_loop(), process.stdout.fileno()
        loop.add_reader(place, readable.set)
        try:
            while b"\n" not in self._read:
                await readable.wait()
                readable.clear()
                if not (chunk := os.read(place, _CHUNK)):
                    return b""
                self._read += chunk
        finally:
            loop.remove_reader(place)
        line, _, self._read = self._read.partition(b"\n")
        return line

    def _last_words(self) -> str:
        self._log.seek(0)
        said = self._log.read().decode(errors="replace").strip().splitlines()
        return said[-1] if said else "it ended without a word"


@contextmanager
def twin(source: LayerSource, wanted: Wanted) -> Iterator[Twin | None]:
    """Have another process for as long as the block runs, where a wanted rule needs one."""
    if not (wanted.takes(ANOTHER_PROCESS.id) or wanted.takes(ACROSS.id)):
        yield None
        return
    other = Twin(source)
    other.start()
    try:
        yield other
    finally:
        other.end()
