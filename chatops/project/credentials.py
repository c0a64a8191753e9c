"""What opens a server and its messages: from files and the environment, never from arguments."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from chatops.errors import BadValue

_ANYBODY = stat.S_IROTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who we are to a server, and the keys that its messages are encrypted with."""

    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    keys: tuple[str, ...] = field(default=(), repr=False)
    cautions: tuple[str, ...] = ()


def credentials(*, password_file: str | None, key_file: str | None) -> Credentials:
    """Read the files, and CHATOPS_USERNAME and CHATOPS_PASSWORD; a file goes first.

    Raises `BadValue` for a file that cannot be read or holds nothing, and never shows it.
    """
    files = [name for name in (password_file, key_file) if name is not None]
    return Credentials(
        username=os.environ.get("CHATOPS_USERNAME") or None,
        password=_password(password_file),
        keys=tuple(_lines(key_file, "key")) if key_file is not None else (),
        cautions=tuple(
            f"Everybody on this machine can read {name!r}: chmod o-r {name}"
            for name in files
            if _open_to_anybody(name)
        ),
    )


def _password(file: str | None) -> str | None:
    if file is None:
        return os.environ.get("CHATOPS_PASSWORD") or None
    lines = _lines(file, "password")
    if len(lines) > 1:
        raise BadValue(f"--password-file {file!r} has {len(lines)} lines; a password is one.")
    return lines[0]


def _lines(file: str, what: str) -> list[str]:
    """Return the lines that hold something, as they are: a space may be part of a secret."""
    try:
        text = Path(file).read_text("utf-8")
    except UnicodeDecodeError:  # its message would show what is in the file
        raise BadValue(f"--{what}-file {file!r} is not text in UTF-8.") from None
    except (OSError, ValueError) as error:
        raise BadValue(f"--{what}-file {file!r} cannot be read: {error}") from error
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise BadValue(f"--{what}-file {file!r} holds no {what}.")
    return lines


def _open_to_anybody(file: str) -> bool:
    try:
        mode = Path(file).stat().st_mode
    except OSError:  # it was a pipe, and is gone
        return False
    return stat.S_ISREG(mode) and bool(mode & _ANYBODY)
