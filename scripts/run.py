"""What `make run` does: migrate, say what to try next, and serve."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from install import alone

ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
NEXT = """
  The chat:   http://127.0.0.1:{port}/

  In a second terminal:
    .venv/bin/python manage.py layer_check
    .venv/bin/chatops tail lobby
    .venv/bin/chatops broadcast lobby "Back in 5"
    .venv/bin/chatops rooms
"""


def main() -> None:
    """Serve on the port that is the one argument, until Ctrl-C."""
    port = sys.argv[1]
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        sys.exit(f"PORT={port} is not a port: make run PORT=8001")
    _require_free(int(port))
    with alone(ROOT / ".venv" / ".lock"):  # two that start at once would both make the tables
        migrated = subprocess.run([*MANAGE, "migrate", "--verbosity", "0"], check=False)
    if migrated.returncode:
        sys.exit(migrated.returncode)
    print(NEXT.format(port=port), flush=True)
    os.execv(sys.executable, [*MANAGE, "runserver", f"127.0.0.1:{port}"])  # noqa: S606 - no shell


def _require_free(port: int) -> None:
    """End with one line where somebody listens on the port: Daphne would stay, and serve nobody."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            sys.exit(f"Port {port} cannot be used ({error.strerror}): make run PORT={port + 1}")


if __name__ == "__main__":
    main()
