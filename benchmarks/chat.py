"""Chat fan-out: WebSocket deliveries a second, this chat beside its peers.

    python benchmarks/chat.py [--quick] [--json] [--only WORDS]

Each server has one process, and the rows alternate. This chat stores each message before it is
delivered; the others store nothing. Of each row:

- `per_s`, `p50_ms`, `p99_ms`: deliveries a second, and how long each took, while each speaker says
  the next thing when its own came back (`flying` a room);
- `half_p99_ms`: the same with half as many messages a second; `steady_p99_ms`, in one shape:
  with 40 a second;
- `lost`: what was said and not delivered 5 s after the last word;
- `connects_per_s` (32 at once), `connect_cpu_ms` of the server for each, `kb_each` of its memory;
- `server_cpu`, `load_cpu`: shares of one core. Where the client's is near 1, it is what was
  measured. `cpu_us`: microseconds of the server's for a delivery, which say most where the
  machine has other work;
- `runs`: how many these are the medians of; `ratio`, `cpu_ratio`: deliveries a second, and for
  each second of the server's CPU, ours to theirs.

The whole takes some ten minutes. The load client is in C: it needs Linux and `cc`.
`--only 'busy,Node'` takes the shapes and the peers that have one of these words in their name,
and this chat.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import bench

sys.path.append(str(bench.ROOT / "tests"))

import chat_peers

STEADY = 40
SHAPES = {  # clients, rooms, messages under way in each room, how many a second in the end
    "100 in 1 room, 8 flying": (100, 1, 8, STEADY),
    "1000 in 100 rooms, 2 flying in each": (1000, 100, 2, 0),
    "1000 in 1 room, 4 flying": (1000, 1, 4, 0),
    "100 in 1 busy room, 32 flying": (100, 1, 32, 0),
}
Figures = dict[str, float]


def main() -> None:
    """Print the rows."""
    more = {"only": "parts of the names of shapes and peers, with commas"}
    options = bench.options(__doc__, "one run of 1 s instead of three of 1.5 s", **more)
    runs, seconds = (1, 1.0) if options.quick else (3, 1.5)
    ours, *others = chat_peers.PEERS
    shapes, peers = _chosen(SHAPES, options.only), [ours, *_chosen(others, options.only)]
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        client = compiled(Path(folder))
        missing = {peer: why for peer in peers if (why := chat_peers.missing(peer))}
        here = [peer for peer in peers if peer not in missing]
        for shape in shapes:
            found: dict[str, list[Figures]] = {peer: [] for peer in here}
            for _ in range(runs):
                for peer in here:
                    found[peer].append(measure(client, peer, shape, seconds))
            report(shape, found, missing, as_json=options.json)


def _chosen(names: Iterable[str], only: str) -> list[str]:
    """Return those of the names that are asked for; all where that is something else."""
    kinds = only.split(",")
    return [name for name in names if any(kind in name for kind in kinds)] or list(names)


def compiled(folder: Path) -> str:
    """Compile the load client."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        sys.exit("The load client needs Linux and a C compiler called cc.")
    client = str(folder / "chat_load")
    source = Path(__file__).parent / "chat_load.c"
    subprocess.run([compiler, "-O2", "-o", client, str(source)], check=True)
    return client


def measure(client: str, peer: str, shape: str, seconds: float) -> Figures:
    """Serve one peer anew, and put one load on it."""
    with chat_peers.PEERS[peer]() as server:
        how = [server.port, server.path, server.subprotocol, server.dialect]
        *load, rate = SHAPES[shape]
        command = [client, *map(str, [*how, *load, seconds, rate, server.pid])]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    if done.returncode:
        sys.exit(f"{peer}, {shape}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def report(
    shape: str, found: dict[str, list[Figures]], missing: dict[str, str], *, as_json: bool
) -> None:
    """Print a row for each peer; ratios are of medians, ours to theirs."""
    middle = {
        peer: {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        for peer, runs in found.items()
    }
    ours = next(iter(middle.values()))
    for peer, figures in middle.items():
        row = {"bench": "chat", "row": f"{peer}: {shape}", **figures, "runs": len(found[peer])}
        row["ratio"] = _times(ours["per_s"], figures["per_s"])
        row["cpu_ratio"] = _times(figures["cpu_us"], ours["cpu_us"])
        bench.row(row, as_json=as_json)
    for peer, why in missing.items():
        row = {"bench": "chat", "row": f"{peer}: {shape}", "per_s": None, "missing": why}
        bench.row(row, as_json=as_json)


def _times(one: float, other: float) -> float | None:
    return round(one / other, 2) if one and other else None


if __name__ == "__main__":
    main()
