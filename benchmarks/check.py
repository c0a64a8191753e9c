"""What `chatops check` takes on a healthy layer: the whole process, other process included.

    python benchmarks/check.py [--quick] [--json]

Wall seconds of whole processes, medians of alternating runs, beside a process that only calls
`django.setup()` with the same settings. A real server runs for it on a unix socket.
"""

import os
import statistics
import subprocess
import sys
import time

from bench import ROOT, options, row, server

TARGET = 1.0
"""Seconds, on two idle cores."""

CHECK = [sys.executable, "-m", "chatops", "check", "--json"]
SETUP = [sys.executable, "-c", "import django; django.setup()"]
SETTINGS = {"DJANGO_SETTINGS_MODULE": "chatsite.settings"}


def main() -> None:
    """Print a row for each kind of layer."""
    asked = options(__doc__ or "")
    runs = 3 if asked.quick else 11
    with server() as url:
        for kind in ("core", "pubsub"):
            env = {**os.environ, **SETTINGS, "REDIS_URL": url, "CHANNEL_LAYER": kind}
            _row(kind, runs, env, as_json=asked.json)


def _row(kind: str, runs: int, env: dict[str, str], *, as_json: bool) -> None:
    ours: list[float] = []
    least: list[float] = []
    for _ in range(runs + 1):  # the first fills caches
        ours.append(_seconds(CHECK, env))
        least.append(_seconds(SETUP, env))
    taken, limit = statistics.median(ours[1:]), statistics.median(least[1:])
    row(
        {
            "bench": "check",
            "row": f"default probes, {kind}",
            "seconds": round(taken, 3),
            "best_seconds": round(min(ours[1:]), 3),
            "target": TARGET,
            "against": "django.setup()",
            "against_seconds": round(limit, 3),
            "ratio": round(taken / limit, 2),
        },
        as_json=as_json,
    )


def _seconds(command: list[str], env: dict[str, str]) -> float:
    """Return the wall seconds of a whole process that must end well."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False)
    taken = time.perf_counter() - started
    if done.returncode:
        said = (done.stdout + done.stderr).decode()
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {said}")
    return taken


if __name__ == "__main__":
    main()
