"""A catalogue of translations as `compilemessages` would write it, for tests."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAGIC = 0x950412DE
HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def compile_catalogue(file: Path, texts: Mapping[str, str]) -> None:
    """Write a .mo file; the parts of a plural have a NUL between them."""
    rows = sorted({"": HEADER, **texts}.items())
    keys = [key.encode() for key, _ in rows]
    values = [value.encode() for _, value in rows]
    head = 7 * 4
    tables = bytearray(struct.pack("<7I", MAGIC, 0, len(rows), head, head + 8 * len(rows), 0, 0))
    at = head + 16 * len(rows)
    for column in (keys, values):
        for each in column:
            tables += struct.pack("<2I", len(each), at)
            at += len(each) + 1
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bytes(tables) + b"".join(each + b"\0" for each in keys + values))
