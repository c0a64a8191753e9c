"""What tailing a room takes, and what gets lost: ours, the layers' own, redis-py, redis-cli.

    python benchmarks/tail.py [--quick] [--json]

Messages are sent as fast as the server takes them (to the core layer also a steady number a
second). A rate is all messages over the time from the first that was sent to the last that came.
`lost` is what never came, `unseen` what was lost without a word. Runs alternate; medians.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from bench import ROOT, options, row, server

FOLDER = Path(__file__).parent
ENV = {**os.environ, "PYTHONPATH": str(ROOT)}
QUIET = 3.0
CLI = next(filter(shutil.which, ("valkey-cli", "redis-cli")), None)


class Run(NamedTuple):
    """What came of one run; `told` is how many holes there were, `dropped` what senders saw."""

    seen: int
    seconds: float
    told: int
    dropped: int


def main() -> None:
    """Print the rows, each beside its peer."""
    asked = options(__doc__ or "", short="100 000 messages, and 1 run instead of 3")
    runs, many = (1, 100_000) if asked.quick else (3, 1_000_000)
    pubsub = {"the layer's receive()": "receive", "redis.asyncio listen()": "listen"}
    pubsub |= {"chatops, counted": "ours", "chatops tail --json > file": "tail"}
    if CLI:
        pubsub = {f"{CLI} psubscribe > file": "cli", **pubsub}
    core = {"the layer's receive()": "receive", "chatops, counted": "ours"}
    core |= {"chatops tail --json > file": "tail"}
    steady = 20_000 if asked.quick else 100_000
    for kind, ways, count, rate in (
        ("pubsub", pubsub, many, 0),
        ("core", core, steady, 20_000),
        ("core", core, 500, 0),
    ):
        for each in table(kind, ways, runs, count, rate):
            row(each, as_json=asked.json)


def table(
    kind: str, rows: dict[str, str], runs: int, count: int, rate: int
) -> Iterator[dict[str, object]]:
    """Measure each way in turn, so many times, and yield the rows."""
    found: dict[str, list[Run]] = {name: [] for name in rows}
    for _ in range(runs):
        for name, how in rows.items():
            found[name].append(once(how, kind, count, rate))
    rates = {
        name: statistics.median(each.seen / each.seconds for each in all_)
        for name, all_ in found.items()
    }
    against = next(iter(rows))
    for name, all_ in found.items():
        yield {
            "bench": "tail",
            "row": f"{kind}, {count} messages{f', {rate}/s' if rate else ''}: {name}",
            "per_s": round(rates[name]),
            "against": against,
            "ratio": round(rates[name] / (rates[against] or 1), 2),
            "lost": max(count - each.seen for each in all_),
            "unseen": max(0 if each.told else count - each.seen for each in all_),
            "dropped": max(each.dropped for each in all_),
        }


def once(how: str, kind: str, count: int, rate: int) -> Run:
    """Run one reader and one sender on a server of their own."""
    with server() as url, tempfile.TemporaryDirectory(prefix="bench") as folder:
        path = url.removeprefix("unix://").partition("?")[0]
        send = [sys.executable, str(FOLDER / "tail_sender.py"), path, kind, str(count)]
        send += [str(rate)] if rate else []
        if how in {"cli", "tail"}:
            return into_file(how, url, kind, send, Path(folder, "out"))
        reader = [sys.executable, str(FOLDER / "tail_reader.py"), how, url, kind, str(count)]
        with started(reader, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            process.stdout.readline()
            since, dropped = sent(send)
            said = [line.split() for line in process.stdout]
        [(_, seen, last)] = [words for words in said if words[0] == "seen"]
        told = sum(int(words[1]) for words in said if words[0] == "holes")
        return Run(int(seen), float(last) - since, told, dropped)


def into_file(how: str, url: str, kind: str, send: list[str], out: Path) -> Run:
    """Let a command write what it sees into a file, until that grows no more."""
    path = url.removeprefix("unix://").partition("?")[0]
    command = [sys.executable, "-m", "chatops", "tail", "lobby", "--json", "--url", url]
    command += ["--backend", kind]
    if how == "cli":
        command = [str(CLI), "-s", path, "psubscribe", "asgi__group__chat_lobby"]
    talk = out.with_suffix(".talk")
    with (
        out.open("wb") as file,
        talk.open("wb") as words,
        started(command, stdout=file, stderr=words),
    ):
        ready = out if how == "cli" else talk
        while not ready.stat().st_size:
            time.sleep(0.01)
        since, dropped = sent(send)
        size, last = out.stat().st_size, time.time()
        while time.time() < last + QUIET:
            time.sleep(0.01)
            if (now := out.stat().st_size) != size:
                size, last = now, time.time()
    with out.open("rb") as file:
        if how == "cli":
            return Run(sum(line == b"pmessage\n" for line in file), last - since, 0, dropped)
        kinds = [line[:18] for line in file]
    seen = sum(line.startswith(b'{"kind": "message"') for line in kinds)
    return Run(seen, last - since, len(kinds) - seen, dropped)


def sent(command: list[str]) -> tuple[float, int]:
    """Send all; returns when that began, and how many the server dropped."""
    said = subprocess.run(command, env=ENV, check=True, capture_output=True, text=True).stdout
    _, since, _, dropped = said.split()
    return float(since), int(dropped) if "core" in command else 0


@contextmanager
def started(command: list[str], **more: object) -> Iterator[subprocess.Popen[str]]:
    """Run a process for as long as the block does."""
    options_: dict[str, object] = {"env": ENV, "text": True, **more}
    with subprocess.Popen(command, **options_) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.terminate()


if __name__ == "__main__":
    main()
