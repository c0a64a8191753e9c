"""What the benchmarks share: their options, a real server, and how a row is printed."""

import argparse
import json
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


def options(
    doc: str, short: str = "3 runs instead of 11", rooms: int | None = None, **more: str
) -> argparse.Namespace:
    """Read `--quick` and `--json`; the first line of the script's docstring is its help.

    A script that measures any number of `rooms` gives that of its targets; `more` are options of
    its own, by name and help.
    """
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=short)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    if rooms is not None:
        parser.add_argument("--rooms", type=int, default=rooms, metavar="N", help="how many")
    for name, text in more.items():
        parser.add_argument(f"--{name}", default="", help=text)
    return parser.parse_args()


def row(values: dict[str, object], *, as_json: bool) -> None:
    """Print one row: an object, or its fields in a line."""
    if as_json:
        print(json.dumps({"kind": "bench", **values}), flush=True)
    else:
        print(
            "  ".join(f"{key} {value}" for key, value in values.items() if key != "bench"),
            flush=True,
        )


@contextmanager
def server(*more: str) -> Iterator[str]:
    """Run a server of our own on a unix socket for as long as the block does; gives its URL."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        socket = Path(folder, "s.sock")
        own = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
        with subprocess.Popen([find_server(), *own, *more], stdout=subprocess.DEVNULL) as process:
            try:
                while not socket.exists():
                    time.sleep(0.01)
                yield f"unix://{socket}?db=0"
            finally:
                process.terminate()
