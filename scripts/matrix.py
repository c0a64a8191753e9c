"""Run the tests on each Python found x Django 5.2 and newest x redis-py 7 and 8."""

import itertools
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".matrix"
PYTHONS = ("3.11", "3.12", "3.13")
DJANGOS = ("Django>=5.2,<5.3", "Django>=6")
REDISES = ("redis>=7,<8", "redis>=8,<9")
NEEDS_312 = "Django>=6"
FREED = re.compile(r"(django|redis)==", re.IGNORECASE)


def main() -> None:
    """Print a line for each combination; the exit code is 1 where any failed."""
    constraints = FOLDER / "constraints.txt"
    FOLDER.mkdir(exist_ok=True)
    pinned = (ROOT / "constraints.txt").read_text().splitlines(keepends=True)
    constraints.write_text("".join(line for line in pinned if not FREED.match(line)))
    rows = []
    for version, django, redis in itertools.product(PYTHONS, DJANGOS, REDISES):
        if (python := _found(version)) is None or (version == "3.11" and django == NEEDS_312):
            continue
        started = time.monotonic()
        passed = _passes(python, [django, redis], constraints)
        seconds = f"{time.monotonic() - started:.0f} s"
        rows.append(passed)
        result = "passed" if passed else "FAILED"
        print(f"{result}  Python {version}  {django}  {redis}  {seconds}", flush=True)
    if not rows:
        sys.exit(f"None of Python {', '.join(PYTHONS)} was found.")
    sys.exit(not all(rows))


def _found(version: str) -> str | None:
    """Return the interpreter; one that is on PATH but does not start, is not there."""
    python = shutil.which(f"python{version}")
    if (
        python is None
        or subprocess.run([python, "-V"], capture_output=True, check=False).returncode
    ):
        print(f"skipped  Python {version} was not found", flush=True)
        return None
    return python


def _passes(python: str, requirements: list[str], constraints: Path) -> bool:
    name = re.sub(r"[^a-z0-9]+", "-", " ".join([Path(python).name, *requirements]).lower())
    folder, log = FOLDER / name, FOLDER / f"{name}.log"
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet"]
    with log.open("w") as file:
        for command in (
            [python, "-m", "venv", folder],
            [*pip, "--upgrade", "pip>=25.1"],
            [*pip, "-c", constraints, "--group", "dev", "-e", ".", *requirements],
            [folder / "bin/pytest", "-n", "2", "-q", *sys.argv[1:]],
        ):
            done = subprocess.run(command, cwd=ROOT, stdout=file, stderr=file, check=False)
            if done.returncode:
                print(f"see {log.relative_to(ROOT)}", flush=True)
                return False
    print(log.read_text().splitlines()[-1], flush=True)
    return True


if __name__ == "__main__":
    main()
