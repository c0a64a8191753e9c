"""Where results go: the shell's stdout, or a file that is written whole at the end."""

import io
import os
from pathlib import Path
from typing import IO

from chatops.errors import BadValue, Unwritable


class Output:
    """The stream that a screen writes on; `settle` puts what was written in its place.

    Who reads the file sees the old one or the new one, never a part.
    """

    def __init__(self, file: Path | None, out: IO[str]) -> None:
        self.stream = out if file is None else io.StringIO()
        self._out = out
        self._file = file

    def require(self) -> None:
        """Raise `BadValue` where there is no place for the file; stdout takes all then."""
        file, self._file = self._file, None
        if file is None:
            return
        if not file.parent.is_dir():
            raise BadValue(f"--output: there is no folder {str(file.parent)!r}.")
        if file.is_dir():
            raise BadValue(f"--output: {str(file)!r} is a folder.")
        self._file = file

    def settle(self) -> None:
        """Write the file; raises `Unwritable`."""
        if not isinstance(self.stream, io.StringIO) or self.stream is self._out:
            return
        text = self.stream.getvalue()
        if self._file is None:
            self._out.write(text)
            return
        try:
            _replace(self._file, text)
        except OSError as error:
            raise Unwritable(f"{str(self._file)!r} cannot be written: {error.strerror}") from error


def _replace(file: Path, text: str) -> None:
    if file.exists() and not file.is_file():  # a device or a pipe must stay one
        file.write_text(text, "utf-8")
        return
    file = file.resolve()  # a link stays one; not before, because that of a pipe leads nowhere
    import secrets  # noqa: PLC0415 - for a file alone

    # The name must not end as the file's does: Prometheus reads every *.prom.
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        beside.write_text(text, "utf-8")
        if file.exists():
            beside.chmod(file.stat().st_mode)
        os.replace(beside, file)  # noqa: PTH105 - the one that is atomic by its documentation
    finally:
        beside.unlink(missing_ok=True)
