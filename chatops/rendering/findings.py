"""How a check and its rules are drawn."""

from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from chatops.model.finding import Check, Status
from chatops.model.rules.rule import Rule
from chatops.rendering.visible import visible

_STATUS = {
    Status.OK: "green",
    Status.WARN: "yellow",
    Status.FAIL: "bold red",
    Status.UNKNOWN: "magenta",
    Status.NONE: "dim",
}


def check_table(value: Check) -> RenderableType:
    """Draw what applies to this layer, a row each, and count the rest.

    Neighbours of which the same is said, as where nothing could be tried, share a row.
    """
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "check", "status"):
        table.add_column(heading, no_wrap=heading == "id", overflow="fold")
    table.add_column("detail", overflow="fold")
    shown = [each for each in value.findings if each.status is not Status.NONE]
    for (_, _), alike in groupby(shown, lambda each: (each.status, each.detail)):
        finding, *others = alike
        detail = Text(visible(finding.detail))
        if finding.fix:
            detail.append(f"\n→ {visible(finding.fix)}", style="cyan")
        status = Text(finding.status.value, style=_STATUS[finding.status])
        more = f" and {len(others)} more" if others else ""
        table.add_row(finding.id, f"{finding.name}{more}", status, detail)
    end = Text.assemble(
        f"layer {value.layer} ({value.backend}): ",
        (value.status.value, _STATUS[value.status]),
        f" in {value.seconds:.2f} s",
    )
    if left_out := len(value.findings) - len(shown):
        end.append(f", {left_out} not applicable")
    if not value.findings:
        end.append(", nothing was checked")
    return Group(table, "", end)


def rule_text(value: Rule) -> Text:
    """Draw all that is said of a rule."""
    told = Text.assemble((f"{value.id}  {value.name}", "bold"), "\n")
    for heading, text in (
        ("What it means", value.means),
        ("How it is found", value.found),
        ("What to do", value.fix),
        *(("See", address) for address in value.upstream),
    ):
        told.append(f"{heading}: ", style="cyan").append(f"{text}\n")
    return told
