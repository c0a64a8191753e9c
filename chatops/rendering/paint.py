"""Colours, without a library: a tail draws more lines than one could."""

import os
from typing import IO

_STYLES = {
    "dim": "2",
    "bold": "1",
    "cyan": "36",
    "magenta": "35",
    "yellow": "33",
    "green": "32",
    "red": "1;31",
    "reverse": "7",
}
_WITHOUT = {"dumb", "unknown"}


class Paint:
    """Puts text into a style, or leaves it as it is; what it is given must be harmless."""

    def __init__(self, *, on: bool) -> None:
        self.on = on

    def __call__(self, style: str, text: str) -> str:
        """Return the text in one of the styles."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.on and text else text


def paint_for(out: IO[str], *, color: bool) -> Paint:
    """Paint on a terminal that can, unless `color` is false or NO_COLOR is set."""
    return Paint(on=color and not os.environ.get("NO_COLOR") and obeys(out))


def obeys(out: IO[str]) -> bool:
    """Tell whether this is a terminal that can do more than write."""
    return out.isatty() and os.environ.get("TERM", "dumb") not in _WITHOUT
