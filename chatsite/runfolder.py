"""Where the site keeps what it needs while it runs: its run folder and the broker's socket."""

import hashlib
import os
import stat
from pathlib import Path

from chatsite.errors import BrokerError

BESIDE = Path(__file__).resolve().parent.parent  # the folder of manage.py
LONGEST_SOCKET = 100  # bytes: macOS takes 103 in a sockaddr_un, Linux 107
# Always /tmp, never $TMPDIR: cron, ssh and a desktop session may each have another one, and
# processes that compute different paths would never meet.
TEMPORARY = Path("/tmp")  # noqa: S108 - what is made there is 0700, and refused unless it is ours


def run_folder() -> Path:
    """Compute the run folder: `CHAT_RUN_DIR`, or `.run` beside manage.py.

    A relative `CHAT_RUN_DIR` starts at manage.py, not at the current folder, so that every
    process of the site means the same one.
    """
    return BESIDE / Path(os.environ.get("CHAT_RUN_DIR") or ".run").expanduser()


def socket_path() -> Path:
    """Compute the socket's path, short enough for the kernel and fit for a URL."""
    folder = run_folder()
    path = folder / "broker.sock"
    raw = os.fsencode(path)
    if len(raw) <= LONGEST_SOCKET and _is_text(raw):
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return TEMPORARY / f"chat-{os.geteuid()}-{name}" / "broker.sock"


def private(folder: Path) -> Path:
    """Make `folder` where it is missing, and refuse it unless it is ours alone.

    Another user's folder, a link or an open door would let somebody else read the chat or stand
    in for the broker. Modes are never mended: the folder may be `$HOME` by mistake.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise BrokerError(
            f"{folder} cannot be used as a private folder ({error.strerror}); "
            "move what is in the way, or set CHAT_RUN_DIR to another folder"
        ) from error
    fault = _fault(found)
    if fault:
        raise BrokerError(f"{folder} {fault}, or set CHAT_RUN_DIR to another folder")
    return folder


def _fault(found: os.stat_result) -> str | None:
    """Say what makes a folder unfit, and what to do about it."""
    if stat.S_ISLNK(found.st_mode):
        return "is a link, which another user could turn elsewhere; remove it"
    if found.st_uid != os.geteuid():
        return f"belongs to another user (uid {found.st_uid}); run as that user"
    if found.st_mode & 0o077:
        return f"is open to other users (mode {stat.S_IMODE(found.st_mode):04o}); chmod 700 it"
    return None


def _is_text(raw: bytes) -> bool:
    """Tell whether a URL can carry `raw`: redis-py decodes paths as UTF-8."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
