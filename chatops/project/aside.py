"""What the project prints while it is loaded: talk, and none of our data."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout


@contextmanager
def aside() -> Iterator[None]:
    """Send to stderr what the block prints; it imports, which a server that runs us has done."""
    with redirect_stdout(sys.stderr):
        yield
