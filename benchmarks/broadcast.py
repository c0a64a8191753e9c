"""What one broadcast to 10 000 rooms takes, beside other ways to send it, and what gets lost.

    python benchmarks/broadcast.py [--quick] [--json] [--rooms N]

Rooms a second, medians of alternating runs; each room has one member, in one of four processes
that count what reaches them. The limit is what the server takes of bytes that were packed before:
one PUBLISH a room, or one ZADD. The slowest way is measured with fewer rooms.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

from bench import options, row, server
from broadcast_ways import LAYERS, Ways
from django.conf import settings

PROCESSES = 4
FEW = 500
"""Rooms for the way that opens a connection for each."""

TARGETS = {"pubsub": 0.6, "core": 0.15}
COMPARED = {"limit", "ours", "ours, whole command"}
ENOUGH = 2
"""Runs of what is slow and not compared with a target."""

QUIET = 2.0
"""Seconds without a delivery, after which none is expected any more."""


def main() -> None:
    """Print a row for each way, on each kind of layer."""
    asked = options(__doc__ or "", rooms=10_000)
    settings.configure(CHANNEL_LAYERS={})
    for kind, layer in LAYERS.items():
        with server() as url:
            host = {"address": url, "socket_timeout": None, "protocol": 2}
            backend = f"{layer.__module__}.{layer.__qualname__}"
            settings.CHANNEL_LAYERS = {kind: {"BACKEND": backend, "CONFIG": {"hosts": [host]}}}
            path = url.removeprefix("unix://").partition("?")[0]
            with receivers(kind, path, asked.rooms) as running:
                groups = [f"chat_room{number}" for number in range(asked.rooms)]
                taken = measured(Ways(kind, path), groups, running, 3 if asked.quick else 7)
                _rows(kind, asked.rooms, taken, as_json=asked.json)


Taken = dict[str, list[tuple[float, int]]]
"""Rooms a second, and how many were lost, of each run of each way."""


def measured(ways: Ways, groups: Sequence[str], running: Sequence["Receiver"], runs: int) -> Taken:
    """Run each way in turn, several times; those that take long less often."""
    rows = {
        "limit": ways.limit,
        "ours": ways.ours,
        "ours, whole command": ways.whole,
        "redis-py's pipeline": ways.pipelined,
        "await in a loop": ways.awaited,
        "gather, 50 at a time": ways.gathered,
        "async_to_sync in a loop": ways.in_a_loop,
    }
    taken: Taken = {name: [] for name in rows}
    for run in range(runs):
        for name, way in rows.items():
            if run >= ENOUGH and name not in COMPARED:
                continue
            some = groups[:FEW] if name == "async_to_sync in a loop" else groups
            before = sum(each.seen() for each in running)
            seconds = way(some)
            due = 0 if name == "limit" and ways.kind == "core" else len(some)
            lost = due - (settled(running, before + due) - before)
            taken[name].append((len(some) / seconds, lost))
    return taken


def _rows(kind: str, rooms: int, taken: Taken, *, as_json: bool) -> None:
    limit = statistics.median(rate for rate, _ in taken["limit"])
    for name, runs in taken.items():
        rate = statistics.median(rate for rate, _ in runs)
        row(
            {
                "bench": "broadcast",
                "row": f"{name}, {kind}, {rooms} rooms",
                "per_s": round(rate),
                "against": "pre-packed limit",
                "ratio": round(rate / limit, 4),
                "target": TARGETS[kind] if name == "ours" else None,
                "lost": max(lost for _, lost in runs),
            },
            as_json=as_json,
        )


class Receiver:
    """A process that counts what reaches its members."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        self._asks, self._tells = process.stdin, process.stdout
        self._tells.readline()

    def seen(self) -> int:
        """Return how many deliveries it has seen."""
        self._asks.write("\n")
        self._asks.flush()
        return int(self._tells.readline())


@contextmanager
def receivers(kind: str, path: str, rooms: int) -> Iterator[list[Receiver]]:
    """Run the processes, each with its share of the rooms."""
    script = str(Path(__file__).with_name("broadcast_receivers.py"))
    edges = [rooms * number // PROCESSES for number in range(PROCESSES + 1)]
    with ExitStack() as stack:
        running = []
        for first, last in pairwise(edges):
            command = [sys.executable, script, kind, path, str(first), str(last)]
            process = stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            stack.callback(process.kill)
            running.append(process)
        yield [Receiver(process) for process in running]


def settled(running: Sequence[Receiver], due: int) -> int:
    """Return how many deliveries there were, once they are all or no more come."""
    seen, since = -1, time.monotonic()
    while seen < due and time.monotonic() - since < QUIET:
        now = sum(each.seen() for each in running)
        if now != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.01)
    return seen


if __name__ == "__main__":
    main()
