"""A value in, something that Rich can draw out; nothing is printed here."""

from collections.abc import Sequence
from datetime import datetime
from functools import singledispatch
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from chatops.model.broadcast import Broadcast, Sent, Summary
from chatops.model.finding import Check, Status
from chatops.model.message import Gap, Message
from chatops.model.result import Result
from chatops.model.room import Reach, Room
from chatops.rendering.visible import visible

_STATUS = {
    Status.OK: "green",
    Status.WARN: "yellow",
    Status.FAIL: "bold red",
    Status.UNKNOWN: "magenta",
    Status.NONE: "dim",
}
_LONGEST = 2000
"""Characters of one line of a message; what is cut off is told."""


@singledispatch
def view(value: Result) -> RenderableType:
    """Draw one result."""
    return Text(visible(repr(value)))


@view.register
def _(value: Check) -> RenderableType:
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "check", "status"):
        table.add_column(heading, no_wrap=heading == "id", overflow="fold")
    table.add_column("detail", overflow="fold")
    for finding in value.findings:
        detail = Text(visible(finding.detail))
        if finding.fix:
            detail.append(f"\n→ {visible(finding.fix)}", style="cyan")
        status = Text(finding.status.value, style=_STATUS[finding.status])
        table.add_row(finding.id, finding.name, status, detail)
    end = Text.assemble(
        f"layer {value.layer} ({value.backend}): ",
        (value.status.value, _STATUS[value.status]),
        f" in {value.seconds:.2f} s",
    )
    return Group(table, "", end)


@view.register
def _(value: Broadcast) -> RenderableType:
    style = "green" if value.status is Sent.SENT else "bold red"
    line = Text.assemble((f"{value.status.value:<8}", style), visible(value.room or value.group))
    if value.status is Sent.SENT:
        line.append(f"  reached {_reach(value.reach)}", style="dim")
    elif value.reason:
        line.append(f"  {visible(value.reason)}", style="dim")
    return line


def _reach(reach: Reach | None) -> str:
    if reach is None:
        return "as many as there are (this layer cannot count them)"
    unit = reach.unit.value
    return f"{reach.count} {_ONE[unit] if reach.count == 1 else unit}"


_ONE = {"members": "member", "processes": "process"}


@view.register
def _(value: Summary) -> RenderableType:
    rooms = "1 room" if value.rooms == 1 else f"{value.rooms} rooms"
    line = Text(f"{value.sent} of {rooms} in {value.seconds:.2f} s", style="dim")
    if not value.handlers_checked:
        line.append("; no consumer could be asked whether it handles this", style="yellow")
    return line


@view.register
def _(value: Message) -> RenderableType:
    line = Text.assemble(
        (f"{_clock(value.seen_at)} ", "dim"),
        (f"{visible(value.room or value.group)} ", "cyan"),
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
def _(value: Gap) -> RenderableType:
    during = "" if value.seconds is None else f" in {value.seconds:.1f} s"
    return Text(f"── gap: messages may be missing{during}: {visible(value.reason)}", style="yellow")


def listing(rooms: Sequence[Room]) -> RenderableType:
    """Draw rooms as one table."""
    table = Table(box=None, pad_edge=False)
    for heading in ("room", "group"):
        table.add_column(heading, overflow="fold")
    for heading in ("count", "processes", "backlog"):
        table.add_column(heading, justify="right")
    for room in rooms:
        count = _reach(Reach(count=room.count, unit=room.unit))
        backlog = "-" if room.backlog is None else f"{room.backlog}/{room.capacity}"
        processes = "-" if room.processes is None else str(room.processes)
        table.add_row(
            Text(visible(room.room or "-")), Text(visible(room.group)), count, processes, backlog
        )
    return table
