"""What `chatops rooms` takes for 10 000 groups with 100 000 members, and what it asks of Redis.

    python benchmarks/rooms.py [--quick] [--json]

Wall seconds of whole processes until the first and the last row, medians, beside a process that
reads the same members in one pipeline of ZRANGE, all at once. The slowest command of ours is what
SLOWLOG says, with everything over 0.5 ms written down.
"""

import os
import statistics
import subprocess
import sys
import time

import redis
from bench import ROOT, options, row, server

GROUPS, MEMBERS, PROCESSES = 10_000, 10, 20
SLOW = 500
"""Microseconds over which a command is written down."""

PEER = """
import redis, sys
client = redis.Redis.from_url(sys.argv[1])
pipe = client.pipeline(transaction=False)
for key in client.scan_iter("asgi:group:*", count=1000):
    pipe.zrange(key, 0, -1, withscores=True)
print(sum(map(len, pipe.execute())))
"""


def main() -> None:
    """Print a row for each order in which rooms are listed."""
    asked = options(__doc__ or "")
    runs = 2 if asked.quick else 5
    with server() as url, redis.Redis.from_url(url) as client:
        fill(client)
        ours = [sys.executable, "-m", "chatops", "rooms", "--json"]
        ours += ["--url", url, "--backend", "core"]
        peer = [sys.executable, "-c", PEER, url]
        for name, more in (("as found", []), ("sorted", ["--sort", "count", "--limit", "10"])):
            client.config_set("slowlog-log-slower-than", SLOW)
            client.slowlog_reset()
            taken = [timed([*ours, *more]) for _ in range(runs)]
            slow = [each["duration"] for each in client.slowlog_get(100)]
            least = [timed(peer) for _ in range(runs)]
            whole, limit = (statistics.median(each[1] for each in x) for x in (taken, least))
            row(
                {
                    "bench": "rooms",
                    "row": f"{GROUPS} groups, {GROUPS * MEMBERS} members, {name}",
                    "first_s": round(statistics.median(each[0] for each in taken), 2),
                    "seconds": round(whole, 2),
                    "peak_mb": max(each[2] for each in taken),
                    "against": "one pipeline of ZRANGE",
                    "against_seconds": round(limit, 2),
                    "ratio": round(whole / limit, 2),
                    "slowest_command_us": max(slow, default=f"< {SLOW}"),
                },
                as_json=asked.json,
            )


def fill(client: redis.Redis) -> None:
    """Put the members there."""
    now = time.time()
    pipe = client.pipeline(transaction=False)
    for group in range(GROUPS):
        members = {
            f"specific.{(group + each) % PROCESSES:032x}!{group:016x}{each:016x}": now - each
            for each in range(MEMBERS)
        }
        pipe.zadd(f"asgi:group:chat_room{group}", members)
        if not (group + 1) % 1000:
            pipe.execute()


def timed(command: list[str]) -> tuple[float, float, int]:
    """Return the seconds until the first row and the end, and the peak of memory in MB."""
    started = time.perf_counter()
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        process.stdout.readline()
        first = time.perf_counter() - started
        for _ in process.stdout:
            continue
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return first, time.perf_counter() - started, used.ru_maxrss // 1024


if __name__ == "__main__":
    main()
