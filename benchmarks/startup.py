"""What a whole process costs, beside the least that it could: one row a command.

    python benchmarks/startup.py [--quick] [--json]

CPU time (user and system) of whole processes, medians of alternating runs, against a process that
only does what nobody could leave out. A real server runs for it on a unix socket.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from chatsite.binary import find_server  # noqa: E402 - the repository's own, found beside us

PYTHON = [sys.executable, "-c"]
CHATOPS = [sys.executable, "-m", "chatops"]
SETTINGS = {"DJANGO_SETTINGS_MODULE": "chatsite.settings"}


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 runs instead of 11")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    runs = 3 if options.quick else 11
    with tempfile.TemporaryDirectory(prefix="bench") as folder, _server(folder) as url:
        os.environ.update(SETTINGS, REDIS_URL=url)
        django = [*PYTHON, "import django; django.setup()"]
        bare = ["--url", url, "--type", "chat.system"]
        say = ["broadcast", "lobby", "hi"]
        for row, ours, against, least, target in (
            ("--help", [*CHATOPS, "--help"], "import typer", [*PYTHON, "import typer"], 1.3),
            ("broadcast", [*CHATOPS, *say], "django.setup()", django, 1.25),
            ("broadcast --url", [*CHATOPS, *say, *bare], "django.setup()", django, 0.6),
            ("check", [*CHATOPS, "check"], "django.setup()", django, None),
        ):
            _row(options, runs, row, ours, against, least, target)


def _row(options, runs, row, ours, against, least, target) -> None:  # noqa: ANN001, PLR0913, PLR0917 - a row
    taken: dict[str, list[tuple[float, float]]] = {"ours": [], "least": []}
    for _ in range(runs + 1):
        taken["ours"].append(_cost(ours))
        taken["least"].append(_cost(least))
    cpu, wall = (statistics.median(x[i] for x in taken["ours"][1:]) for i in (0, 1))
    limit = statistics.median(x[0] for x in taken["least"][1:])
    values = {
        "kind": "bench", "bench": "startup", "row": row, "cpu_ms": round(cpu * 1000),
        "wall_ms": round(wall * 1000), "against": against, "against_cpu_ms": round(limit * 1000),
        "ratio": round(cpu / limit, 2), "target": target,
    }  # fmt: skip
    if options.json:
        print(json.dumps(values), flush=True)
        return
    aim = f", aimed at {target}" if target else ""
    print(
        f"{row:<16} {values['cpu_ms']:>5} ms CPU, {values['wall_ms']:>5} ms; {against}: "
        f"{values['against_cpu_ms']} ms CPU; ratio {values['ratio']}{aim}",
        flush=True,
    )


def _cost(command: list[str]) -> tuple[float, float]:
    """Return CPU and wall seconds of a whole process and its children."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if b"Traceback" in done.stderr or done.returncode not in {0, 1}:  # 1: the room is empty
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - started


@contextmanager
def _server(folder: str) -> Iterator[str]:
    """Run a server of our own for as long as the block does; gives its URL."""
    socket = Path(folder, "s.sock")
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
    with subprocess.Popen([find_server(), *options], stdout=subprocess.DEVNULL) as process:
        try:
            while not socket.exists():
                time.sleep(0.01)
            yield f"unix://{socket}?db=0"
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
