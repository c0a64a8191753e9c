"""What both management commands are: doors that hand argv over, but for what is Django's."""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

_FLAGS = {"--traceback", "--force-color", "--skip-checks"}
_VALUED = {"-v", "--verbosity", "--pythonpath"}
_WITH_VALUE = re.compile(r"-v\d|--(verbosity|pythonpath)=.*")

_NAMED = ("verbosity", "traceback", "force_color", "skip_checks", "pythonpath")
"""Options that every management command has; ours have no use for them."""


class _Untouched(CommandParser):
    """Leaves every argument to the command line's own parser."""

    def parse_args(  # type: ignore[override] # argparse's overloads, all of which end here
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        del namespace
        return argparse.Namespace(argv=list(args or ()))


class Door(BaseCommand):
    """A management command that is a verb of chatops, or all of them."""

    prog = "manage.py chatops"
    verb: Sequence[str] = ()

    @property
    def stealth_options(self) -> tuple[str, ...]:  # type: ignore[override] # read of an instance
        """What `call_command` may be given by name: every option that a verb has."""
        from chatops.cli.app import options  # noqa: PLC0415 - `manage.py help` must not load it

        return (*_NAMED, *options())

    def run_from_argv(self, argv: list[str]) -> None:
        """Run from the shell; the process ends with the command's exit code."""
        from chatops.cli import app, collector  # noqa: PLC0415

        collector.rest()
        sys.exit(app.main([*self.verb, *_ours(argv[2:])], prog=self.prog))

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:  # noqa: ANN401
        """Return a parser for `call_command` that takes whatever it is given."""
        return _Untouched(prog=f"{prog_name} {subcommand}", **kwargs)

    def execute(self, *args: str, **options: Any) -> None:  # noqa: ANN401 - as Django declares it
        """Run from `call_command`; raises `CommandError` where the exit code is not 0."""
        from chatops.cli import app, streams  # noqa: PLC0415

        known = app.options()
        named = [
            word
            for name, value in options.items()
            if name in known
            for word in _spelled(known[name], value)
        ]
        # Before the arguments, which may hold a `--`.
        verb, *rest = [*self.verb, *_ours([*options["argv"], *args])] or [""]
        argv = [verb, *named, *rest] if verb else named
        out, talk = options.get("stdout") or sys.stdout, options.get("stderr") or sys.stderr
        with streams.given(out, talk):
            code = app.run(argv, prog=self.prog)
        if code:
            raise CommandError(f"{self.prog} {' '.join(argv)} ended with {code}.", returncode=code)

    def print_help(self, prog_name: str, subcommand: str) -> None:
        """Show the help of the command line, for `manage.py help`."""
        del prog_name, subcommand
        self.run_from_argv(["", "", "--help"])


def _ours(argv: Sequence[str]) -> Iterator[str]:
    """Leave out what Django takes from every command line, and has taken already."""
    words = iter(argv)
    for word in words:
        if word == "--":
            yield word
            yield from words
        elif word in _VALUED:
            next(words, None)
        elif word not in _FLAGS and not _WITH_VALUE.fullmatch(word):
            yield word


def _spelled(option: str, value: object) -> Sequence[str]:
    if value is None or value is False:
        return ()
    if isinstance(value, list | tuple | set | frozenset):
        return [word for each in value for word in _spelled(option, each)]
    return (option,) if value is True else (option, str(value))
