"""Make the virtual environment of this clone; two at once wait for each other."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP = "pip>=25.1"  # the first that knows dependency groups


def main() -> None:
    """Install what `pyproject.toml` names, as `constraints.txt` pins it, then leave a mark."""
    folder = ROOT / sys.argv[1]
    folder.mkdir(exist_ok=True)
    ready, asked = folder / ".ready", [ROOT / "constraints.txt", ROOT / "pyproject.toml"]
    with alone(folder / ".lock"):
        if ready.exists() and ready.stat().st_mtime > max(file.stat().st_mtime for file in asked):
            return
        sys.stderr.write(f"Installing into {folder.name}: about a minute, once.\n")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        _pip(folder, "--upgrade", PIP)
        _pip(folder, "--constraint", "constraints.txt", "--group", "dev", "--editable", ".")
        ready.touch()


def _pip(folder: Path, *arguments: str) -> None:
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    quiet = ["--quiet", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run(
        [python, "-m", "pip", "install", *quiet, *arguments], cwd=ROOT, check=False
    )
    if done.returncode:
        sys.exit(f"pip could not install {' '.join(arguments)}")


@contextlib.contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold a lock that the kernel drops when we end, however we end."""
    with lock.open("w") as file:
        try:
            import fcntl  # noqa: PLC0415 - Windows has none; there one make at a time must do
        except ImportError:
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()
