"""A value in, something that Rich can draw out; nothing is printed here."""

from functools import singledispatch

from rich.console import RenderableType
from rich.text import Text

from chatops.model.channel import Delivered
from chatops.model.finding import Check
from chatops.model.recorded import Flaw
from chatops.model.replayed import Replay
from chatops.model.residue import Fate, Pruned, Residue
from chatops.model.result import Result
from chatops.model.rules.rule import Rule
from chatops.model.rules.title import Title
from chatops.rendering.findings import check_table, rule_text
from chatops.rendering.replayed import flaw_text, replay_text
from chatops.rendering.visible import visible

_FATE = {
    Fate.PLANNED: "yellow",
    Fate.REMOVED: "green",
    Fate.KEPT: "bold red",
    Fate.GONE: "dim",
}


@singledispatch
def view(value: Result) -> RenderableType:
    """Draw one result."""
    return Text(visible(repr(value)))


@view.register
def _(value: Check) -> RenderableType:
    return check_table(value)


@view.register
def _(value: Rule) -> RenderableType:
    return rule_text(value)


@view.register
def _(value: Title) -> RenderableType:
    return Text(f"{value.id}  {value.name}")


@view.register
def _(value: Residue) -> RenderableType:
    line = Text.assemble(
        (f"{value.fate.value:<8}", _FATE[value.fate]),
        (f"{visible(value.room or value.group or value.key)} ", "cyan"),
        visible(value.channel or "messages in flight"),
    )
    return line.append(f"  {visible(value.why)}", style="dim")


@view.register
def _(value: Pruned) -> RenderableType:
    if value.planned:
        kept = f", {value.kept} to keep" if value.kept else ""
        told = f"{value.planned} to remove{kept}; nothing was changed, --yes does it"
        return Text(told, style="dim")
    if not (value.removed or value.kept or value.gone):
        where = "" if value.pattern == "*" else f" in rooms that match {value.pattern!r}"
        return Text(f"Nothing was left behind{visible(where)}.", style="dim")
    more = f", {value.gone} were gone already" if value.gone else ""
    return Text(f"{value.removed} removed, {value.kept} kept{more}", style="dim")


@view.register
def _(value: Delivered) -> RenderableType:
    return Text.assemble(("sent    ", "green"), f"{visible(value.channel)} {visible(value.type)}")


@view.register
def _(value: Flaw) -> RenderableType:
    return flaw_text(value)


@view.register
def _(value: Replay) -> RenderableType:
    return replay_text(value)
