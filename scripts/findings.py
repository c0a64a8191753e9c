"""Write docs/findings.md from the rules of `check`; `make docs` runs this."""

from itertools import groupby
from pathlib import Path

from chatops.model.rules import RULES, group_of
from chatops.model.rules.rule import Rule

FILE = Path(__file__).resolve().parent.parent / "docs" / "findings.md"

_HEAD = """# What `chatops check` finds

Written by `make docs` from `chatops/model/rules`; `chatops explain ID` prints the same.

A finding is `ok`, `warn`, `fail`, `unknown` (it could not be checked; the row says why, and it
never counts as passed) or `n/a` (this layer has no such thing). The ids stay what they are, and
are what `--only` and `--skip` take, as are the names of the groups.

"""

_GROUPS = {
    "settings": "From the settings alone: nothing is asked, no server is needed.",
    "live": "Tried on channels and groups of our own; nothing is left behind.",
    "broker": "Asked of the server, where the layer has one and we may.",
    "application": "Read from the ASGI application; with `--websocket`, asked of a running site.",
}


def document() -> str:
    """Return the whole file."""
    parts = [_HEAD, "| id | name | group |\n|---|---|---|\n"]
    parts += [
        f"| {rule.id} | [{rule.name}](#{_anchor(rule)}) | {group_of(rule.id)} |\n"
        for rule in _rules()
    ]
    for group, rules in groupby(_rules(), lambda rule: group_of(rule.id)):
        parts.append(f"\n## {group.capitalize()}\n\n{_GROUPS[group]}\n")
        parts += map(_section, rules)
    return "".join(parts)


def _rules() -> list[Rule]:
    return sorted(RULES.values(), key=lambda rule: rule.id)


def _anchor(rule: Rule) -> str:
    """Name a heading as GitHub does."""
    kept = (each for each in _heading(rule).lower() if each.isalnum() or each in " -_")
    return "".join(kept).replace(" ", "-")


def _heading(rule: Rule) -> str:
    return f"{rule.id} {rule.name}"


def _section(rule: Rule) -> str:
    lines = [
        f"\n### {_heading(rule)}\n",
        f"**What it means.** {rule.means}\n",
        f"**How it is found.** {rule.found}\n",
        f"**What to do.** {rule.fix}\n",
    ]
    if rule.upstream:
        lines.append(f"**Upstream.** {', '.join(f'<{each}>' for each in rule.upstream)}\n")
    return "\n".join(lines)


if __name__ == "__main__":
    FILE.write_text(document(), "utf-8")
    print(f"{FILE.name}: {len(RULES)} findings")
