"""A value in, something that Rich can draw out; nothing is printed here."""

from datetime import datetime
from functools import singledispatch
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from chatops.model.broadcast import Broadcast, Sent, Summary
from chatops.model.channel import Delivered, Received, Silence
from chatops.model.finding import Check
from chatops.model.message import Gap, Message
from chatops.model.residue import Fate, Pruned, Residue
from chatops.model.result import Result
from chatops.model.rules.rule import Rule
from chatops.model.rules.title import Title
from chatops.rendering.findings import check_table, rule_text
from chatops.rendering.reach import counted
from chatops.rendering.visible import visible

_FATE = {
    Fate.PLANNED: "yellow",
    Fate.REMOVED: "green",
    Fate.KEPT: "bold red",
    Fate.GONE: "dim",
}
_LONGEST = 2000
"""Characters of one line of a message; what is cut off is told."""


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
def _(value: Broadcast) -> RenderableType:
    style = "green" if value.status is Sent.SENT else "bold red"
    line = Text.assemble((f"{value.status.value:<8}", style), visible(value.room or value.group))
    if value.status is Sent.SENT:
        line.append(f"  reached {counted(value.reach)}", style="dim")
    elif value.reason:
        line.append(f"  {visible(value.reason)}", style="dim")
    return line


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
def _(value: Summary) -> RenderableType:
    rooms = "1 room" if value.rooms == 1 else f"{value.rooms} rooms"
    line = Text(f"{value.sent} of {rooms} in {value.seconds:.2f} s", style="dim")
    if not value.handlers_checked:
        line.append("; no consumer could be asked whether it handles this", style="yellow")
    return line


@view.register
def _(value: Delivered) -> RenderableType:
    return Text.assemble(("sent    ", "green"), f"{visible(value.channel)} {visible(value.type)}")


@view.register
def _(value: Message | Received) -> RenderableType:
    place = value.channel if isinstance(value, Received) else value.room or value.group
    line = Text.assemble(
        (f"{_clock(value.seen_at)} ", "dim"),
        (f"{visible(place)} ", "cyan"),
        (f"{visible(value.type or '?')} ", "magenta"),
    )
    if value.problem:
        return line.append(visible(value.problem), style="bold red")
    return line.append_text(_body(value.body))


def _clock(moment: datetime) -> str:
    return moment.astimezone().strftime("%H:%M:%S")


def _body(body: dict[str, Any]) -> Text:
    """Who and what for the shapes that chats use, compact values for the rest."""
    text = next((body[key] for key in ("text", "message") if isinstance(body.get(key), str)), None)
    who = next(
        (
            body[key]
            for key in ("name", "from", "username", "user")
            if isinstance(body.get(key), str)
        ),
        None,
    )
    if text is not None:
        said = Text(f"{visible(who)}: " if who else "", style="bold")
        return said.append(_cut(visible(text)), style="not bold")
    rest = {key: value for key, value in body.items() if key != "type"}
    return Text(_cut(visible(" ".join(f"{key}={value!r}" for key, value in rest.items()))))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


@view.register
def _(value: Gap | Silence) -> RenderableType:
    during = "" if value.seconds is None else f" in {value.seconds:.1f} s"
    return Text(f"── gap: messages may be missing{during}: {visible(value.reason)}", style="yellow")
