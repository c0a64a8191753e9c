"""The verbs by name; each is loaded when it is used, and `--help` loads none."""

import textwrap
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from chatops.cli.help import Helpful, Verb

VERBS: Mapping[str, str] = {
    "check": "Find out why messages vanish: settings, round trips, groups, another process, "
    "the server.",
    "explain": "Say what a finding of `check` means, how it is found, and what to do.",
    "tail": "Show each message of rooms as it happens, until Ctrl-C.",
    "expect": "Wait for a message, and show it; exit code 6 says that it did not come in time.",
    "replay": "Send what a recording holds once more, with the same pauses.",
    "rooms": "List the rooms that someone is in.",
    "members": "List who is in a room: each member, its process, since when, and whether it is "
    "alive.",
    "broadcast": "Send a system message into rooms, and say whom it reached.",
    "send": "Send one event to a channel, as a shell session does with the layer itself.",
    "receive": "Receive what is sent to a channel, as a shell session does with the layer itself.",
    "prune": "Remove what dead processes left behind: members of groups, and copies of messages.",
}
"""What `--help` says of each; its module and its function have the same name."""

FOUND = (
    "The project is found by --settings, DJANGO_SETTINGS_MODULE, [tool.chatops] in the nearest "
    "pyproject.toml, or the nearest manage.py. Without one: --url redis://host:6379/0, "
    "rediss://host or unix:///path."
)
EXITS = (
    "Exit codes: 0 done; 1 done, and the answer is no; 2 used wrongly; 3 in part; 4 the layer did "
    "not answer; 5 it cannot do that; 6 time ran out; 130 interrupted. `check --format nagios` has "
    "Nagios's own."
)


class Commands(Mapping[str, Any]):
    """What Typer makes of each verb, made when it is asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - Click's, which Typer hides
        if name not in self._made:
            _ = VERBS[name]
            self._made[name] = _made(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)


class Verbs(Helpful, TyperGroup):
    """All verbs together."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - as Typer gives it
        super().__init__(**given)
        self.commands = Commands()  # type: ignore[assignment] # nobody adds to it

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """List the verbs, without loading any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


def _made(name: str) -> Any:  # noqa: ANN401
    verb = getattr(import_module(f"chatops.cli.{name}"), name)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    examples = textwrap.indent(verb.examples, "  ")
    alone.command(cls=Verb, epilog=f"\b\nExamples:\n{examples}\n\n{EXITS}")(verb)
    return typer.main.get_command(alone)
