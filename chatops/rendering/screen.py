"""The one place that decides how results are drawn."""

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Protocol

from chatops.errors import Exit
from chatops.model.message import Shown


class Format(StrEnum):
    """How results are written; the last three are of `check` alone."""

    TABLE = "table"
    JSON = "json"
    NAGIOS = "nagios"
    PROMETHEUS = "prometheus"
    JUNIT = "junit"


class Screen(Protocol):
    """Where results are shown, and all talk goes."""

    def show(self, value: Shown) -> None:
        """Show one result, at once, or with all others at the end."""

    def error(self, message: str, code: Exit) -> None:
        """Say in one line what went wrong; `code` is what it means to the shell."""

    def note(self, message: str) -> None:
        """Say what a person may want to know."""

    def close(self) -> None:
        """Show what waits."""

    def finish(self, code: Exit) -> int:
        """Write what was held back, whatever happened; returns the exit code in this format."""

    def lost(self, code: Exit) -> int:
        """Return the exit code in this format where what was found could not be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """A screen and what it is opened on, for who writes there by the batch."""

    screen: Screen
    out: IO[str]
    json: bool
    color: bool


def open_screen(
    out: IO[str], talk: IO[str], *, form: Format, color: bool, layer: str = "default"
) -> Screen:
    """Choose the screen for this run; `color` false is obeyed, true is subject to NO_COLOR.

    `layer` is whose alias an error is written under, in formats that have labels.
    """
    # Each at its place: only a table must pay for Rich.
    match form:
        case Format.JSON:
            from chatops.rendering.jsonlines import JsonLines  # noqa: PLC0415

            return JsonLines(out, talk)
        case Format.NAGIOS:
            from chatops.rendering.nagios import Nagios  # noqa: PLC0415

            return Nagios(out)
        case Format.PROMETHEUS:
            from chatops.rendering.prometheus import Prometheus  # noqa: PLC0415

            return Prometheus(out, talk, layer)
        case Format.JUNIT:
            from chatops.rendering.junit import JUnit  # noqa: PLC0415

            return JUnit(out, talk, layer)
        case Format.TABLE:
            from chatops.rendering.terminal import Terminal  # noqa: PLC0415

            return Terminal(out, talk, color=color and not os.environ.get("NO_COLOR"))
