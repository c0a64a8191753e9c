"""What a whole process costs, beside the least that it could: one row a command.

    python benchmarks/startup.py [--quick] [--json]

CPU time (user and system) of whole processes, medians of alternating runs, against a process that
only does what nobody could leave out. A real server runs for it on a unix socket.
"""

import os
import resource
import statistics
import subprocess
import sys
import time

import redis
from bench import ROOT, options, row, server

PYTHON = [sys.executable, "-c"]
CHATOPS = [sys.executable, "-m", "chatops"]
SETTINGS = {"DJANGO_SETTINGS_MODULE": "chatsite.settings"}


def main() -> None:
    """Print the rows."""
    asked = options(__doc__ or "")
    runs = 3 if asked.quick else 11
    with server() as url, redis.Redis.from_url(url) as client, client.pubsub() as somebody:
        somebody.subscribe("asgi__group__chat_lobby")  # so that there is something to send
        somebody.get_message(timeout=None)
        os.environ.update(SETTINGS, REDIS_URL=url)
        django = [*PYTHON, "import django; django.setup()"]
        bare = ["--url", url, "--type", "chat.system", "--same-codec"]
        say = ["broadcast", "lobby", "hi"]
        for name, ours, against, least, target in (
            ("--help", [*CHATOPS, "--help"], "import typer", [*PYTHON, "import typer"], 1.3),
            ("broadcast", [*CHATOPS, *say], "django.setup()", django, 1.25),
            ("broadcast --url", [*CHATOPS, *say, *bare], "django.setup()", django, 0.6),
            ("check", [*CHATOPS, "check"], "django.setup()", django, None),
        ):
            _row(name, runs, ours, against, least, target, as_json=asked.json)


def _row(name, runs, ours, against, least, target, *, as_json) -> None:  # noqa: ANN001, PLR0913, PLR0917 - a row
    taken: dict[str, list[tuple[float, float]]] = {"ours": [], "least": []}
    for _ in range(runs + 1):
        taken["ours"].append(_cost(ours))
        taken["least"].append(_cost(least))
    cpu, wall = (statistics.median(x[i] for x in taken["ours"][1:]) for i in (0, 1))
    limit = statistics.median(x[0] for x in taken["least"][1:])
    row(
        {
            "bench": "startup",
            "row": name,
            "cpu_ms": round(cpu * 1000),
            "wall_ms": round(wall * 1000),
            "against": against,
            "against_cpu_ms": round(limit * 1000),
            "ratio": round(cpu / limit, 2),
            "target": target,
        },
        as_json=as_json,
    )


def _cost(command: list[str]) -> tuple[float, float]:
    """Return CPU and wall seconds of a whole process and its children."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if b"Traceback" in done.stderr or done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - started


if __name__ == "__main__":
    main()
