"""How what a tail hears becomes text: by the batch, and nothing is written here."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from chatops.errors import BadValue
from chatops.model.message import Gap, Heard
from chatops.rendering.lines import Lines, clock, clock_since
from chatops.rendering.look import Look
from chatops.rendering.objects import Objects
from chatops.rendering.paint import Paint, paint_for
from chatops.rendering.screen import Surface
from chatops.rendering.template import Template


class Feed(Protocol):
    """Turns what is heard at once into lines."""

    def lines(self, heard: Heard) -> str:
        """Return the lines, each with its end."""


class _Filled:
    """Lines by a template; a gap, which it has no place for, is told beside them."""

    def __init__(self, template: Template, note: Callable[[str], None]) -> None:
        self._template = template
        self._note = note
        self._ours = Lines(Paint(on=False))

    def lines(self, heard: Heard) -> str:
        """Return the lines, each with its end."""
        drawn = []
        for each in heard:
            if isinstance(each, Gap):
                self._note(self._ours.gap(each).rstrip())
            else:
                drawn.append(f"{self._template.line(each)}\n")
        return "".join(drawn)


def open_feed(surface: Surface, look: Look) -> Feed:
    """Choose the feed; raises `BadValue` for a look that contradicts itself or JSON."""
    asked = {"--json": surface.json, "--template": look.template, "--raw": look.raw}
    asked["--relative"] = look.relative
    given = {name for name, value in asked.items() if value}
    for pair in (
        {"--json", "--template"},
        {"--json", "--relative"},
        {"--template", "--raw"},
        {"--template", "--relative"},
    ):
        if pair <= given:
            raise BadValue(f"{' and '.join(sorted(pair))} contradict one another.")
    if surface.json:
        return Objects(look.raw)
    if look.template is not None:
        return _Filled(look.template, surface.screen.note)
    tell = clock_since(datetime.now(UTC)) if look.relative else clock
    return Lines(paint_for(surface.out, color=surface.color), tell, look.raw)
