"""Chat fan-out: WebSocket deliveries a second, this chat beside the Channels tutorial.

    python benchmarks/chat.py [--quick] [--json]

Three shapes; every sender has one message under way and says the next when its own came back.
Each server has one process, and the rows alternate. This chat stores each message, and a
message counts when it is delivered; the tutorial stores nothing. `lost` is what was said and
not delivered 5 s after the last word. `load_cpu` is the load client's own, of one core: where it
is near 1, the client is what was measured.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import servers  # noqa: E402 - the repository's own, found beside us
from tutorial import Tutorial  # noqa: E402

SHAPES = {
    "100 in 1 room, 8 in flight": {"clients": 100, "rooms": 1, "flying": 8},
    "1000 in 100 rooms, 2 each": {"clients": 1000, "rooms": 100, "flying": 2},
    "1000 in 1 room, 4 in flight": {"clients": 1000, "rooms": 1, "flying": 4},
}
PRODUCTION = {
    "SECRET_KEY": "k" * 60 + "0123456789abcdef",
    "ALLOWED_HOSTS": "127.0.0.1",
    "HTTPS": "0",
    "CHAT_BURST": "1000000",  # the limits on one person's words are not what is measured
    "CHAT_PER_SECOND": "1000000",
}
UVICORN = ["--ws-per-message-deflate", "false", "--log-level", "warning", "--no-access-log"]
Peer = Callable[[str], Iterator[dict[str, str]]]


@contextmanager
def ours(folder: str) -> Iterator[dict[str, str]]:
    """Run this chat as in production: uvicorn, pubsub, each message stored."""
    del folder
    with (
        servers.valkey() as broker,
        servers.site(broker.url, server="uvicorn", env=PRODUCTION) as site,
    ):
        site.stop()
        site.command += UVICORN
        site.start()
        yield {"url": f"http://127.0.0.1:{site.port}/ws/chat/{{room}}/", "subprotocol": "chat.v2"}


@contextmanager
def tutorial(folder: str, kind: str, server: str) -> Iterator[dict[str, str]]:
    """Run what the Channels tutorial ends with."""
    with servers.valkey() as broker:
        project = Tutorial(Path(folder), kind, broker.url)
        project.env["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
        if server == "uvicorn":
            command = [sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port"]
            project.command = [*command, str(project.port), "mysite.asgi:application", *UVICORN]
            project.answers = lambda: servers.Site.answers(project)
        try:
            project.start()
            yield {"url": f"http://127.0.0.1:{project.port}/ws/chat/{{room}}/", "subprotocol": ""}
        finally:
            project.stop()


PEERS = {
    "ours, storing, uvicorn, pubsub": ours,
    "Channels tutorial, uvicorn, pubsub": lambda folder: tutorial(folder, "pubsub", "uvicorn"),
    "Channels tutorial, Daphne, core": lambda folder: tutorial(folder, "core", "daphne"),
}


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one short run instead of three")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    runs, seconds = (1, 2) if options.quick else (3, 5)
    found: dict[tuple[str, str], list[dict]] = {}
    for _ in range(runs):
        for shape, load in SHAPES.items():
            for peer, run in PEERS.items():
                found.setdefault((shape, peer), []).append(measure(run, load, seconds))
    for shape in SHAPES:
        (best, *_), rate = PEERS, {}
        for peer in PEERS:
            rate[peer] = row(found[shape, peer], shape, peer, rate.get(best), options)


def measure(run: Peer, load: dict[str, int], seconds: int) -> dict:
    """Serve one peer anew, and put one load on it."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder, run(folder) as where:
        origin = where["url"].split("/ws/")[0]
        wanted = json.dumps({**where, **load, "origin": origin, "seconds": seconds})
        command = [sys.executable, str(ROOT / "benchmarks/chat_load.py"), wanted]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode:
            sys.exit(f"{where['url']}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)


def row(runs: list[dict], shape: str, peer: str, ours: float | None, options) -> float:  # noqa: ANN001 - argparse's own
    """Print one row; return its deliveries a second."""
    values = {name: statistics.median(run[name] or 0 for run in runs) for name in runs[0]}
    ratio = round(ours / values["per_s"], 1) if ours and values["per_s"] else None
    values = {"kind": "bench", "bench": "chat", "row": f"{peer}: {shape}", **values, "ratio": ratio}
    if options.json:
        print(json.dumps(values), flush=True)
    else:
        against = f", ours is {ratio} x" if ratio else ""
        print(
            f"{shape:28} {peer:36} {values['per_s']:>8,.0f} deliveries/s,"
            f" p50 {values['p50_ms']} ms, p99 {values['p99_ms']} ms,"
            f" lost {values['lost']:.0f}, {values['connects_per_s']:.0f}"
            f" connects/s, load client {values['load_cpu']:.2f} of a core{against}",
            flush=True,
        )
    return values["per_s"]


if __name__ == "__main__":
    main()
