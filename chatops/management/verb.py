"""What both management commands are: doors that hand argv over, untouched."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

_NAMED = ("layer", "json", "no_color")


class _Untouched(CommandParser):
    """Leaves every argument to the command line's own parser."""

    def parse_args(  # type: ignore[override] # argparse's overloads, all of which end here
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        del namespace
        return argparse.Namespace(argv=list(args or ()))


class Door(BaseCommand):
    """A management command that is a verb of chatops, or all of them."""

    # What call_command may be given by name; the first three are Django's own, and are its alone.
    stealth_options = ("verbosity", "traceback", "force_color", *_NAMED)
    prog = "manage.py chatops"
    verb: Sequence[str] = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Run from the shell; the process ends with the command's exit code."""
        from chatops.cli import app  # noqa: PLC0415 - `manage.py help` must not load it

        sys.exit(app.main([*self.verb, *argv[2:]], prog=self.prog))

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:  # noqa: ANN401
        """Return a parser for `call_command` that takes whatever it is given."""
        return _Untouched(prog=f"{prog_name} {subcommand}", **kwargs)

    def execute(self, *args: str, **options: Any) -> None:  # noqa: ANN401 - as Django declares it
        """Run from `call_command`; raises `CommandError` where the exit code is not 0."""
        from chatops.cli import app, streams  # noqa: PLC0415

        named = [word for name in _NAMED for word in _spelled(name, options.get(name))]
        argv = [*self.verb, *options["argv"], *args, *named]
        out, talk = options.get("stdout") or sys.stdout, options.get("stderr") or sys.stderr
        with streams.given(out, talk):
            code = app.run(argv, prog=self.prog)
        if code:
            raise CommandError(f"{self.prog} {' '.join(argv)} ended with {code}.", returncode=code)

    def print_help(self, prog_name: str, subcommand: str) -> None:
        """Show the help of the command line, for `manage.py help`."""
        del prog_name, subcommand
        self.run_from_argv(["", "", "--help"])


def _spelled(name: str, value: object) -> Sequence[str]:
    option = f"--{name.replace('_', '-')}"
    if value is None or value is False:
        return ()
    return (option,) if value is True else (option, str(value))
