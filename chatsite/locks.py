"""Advisory locks: the kernel drops them when their holder dies, `kill -9` included."""

import fcntl
import os
import time
from pathlib import Path

from chatsite.errors import BrokerError

PAUSE = 0.01


def share(path: Path, deadline: float) -> int:
    """Hold `path` shared until the descriptor is closed; wait while somebody has it alone."""
    while True:
        descriptor = _try(path, fcntl.LOCK_SH)
        if descriptor is not None:
            return descriptor
        if time.monotonic() > deadline:
            raise BrokerError(
                f"the broker in {path.parent} is stuck while it stops; `fuser {path}` names its "
                "processes: end them with kill -9, or set REDIS_URL"
            )
        time.sleep(PAUSE)


def take(path: Path) -> int | None:
    """Hold `path` alone until every copy of the descriptor is closed, or tell that it is held."""
    return _try(path, fcntl.LOCK_EX)


def still_there(path: Path, descriptor: int) -> bool:
    """Tell whether `path` is the file that `descriptor` has open: somebody may have removed it."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _try(path: Path, kind: int) -> int | None:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError as error:
        os.close(descriptor)
        raise BrokerError(
            f"{path} cannot be locked ({error.strerror}); set CHAT_RUN_DIR to a folder on a "
            "local disk, or set REDIS_URL"
        ) from error
    if still_there(path, descriptor):
        return descriptor
    os.close(descriptor)
    return None


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise BrokerError(f"{path} cannot be opened ({error.strerror}); remove it") from error
    try:
        # A process without stdin would get 0, which a child's own stdin replaces: lock lost.
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(descriptor)
