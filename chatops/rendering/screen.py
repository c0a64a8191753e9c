"""The one place that decides how results are drawn."""

import os
from typing import IO, Protocol

from chatops.model.result import Result


class Screen(Protocol):
    """Where results are shown, and all talk goes."""

    def show(self, value: Result) -> None:
        """Show one result, at once."""

    def error(self, message: str) -> None:
        """Say in one line what went wrong."""

    def note(self, message: str) -> None:
        """Say what a person may want to know."""

    def close(self) -> None:
        """Show what waits."""


def open_screen(out: IO[str], talk: IO[str], *, json: bool, color: bool) -> Screen:
    """Choose the screen for this run; `color` false is obeyed, true is subject to NO_COLOR."""
    if json:
        from chatops.rendering.jsonlines import JsonLines  # noqa: PLC0415 - Rich is not needed

        return JsonLines(out, talk)
    from chatops.rendering.terminal import Terminal  # noqa: PLC0415 - JSON must not pay for Rich

    return Terminal(out, talk, color=color and not os.environ.get("NO_COLOR"))
