"""Help that goes where all results go, also through `call_command`."""

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from chatops.cli.streams import streams


class Verb(TyperCommand):
    """One verb."""

    def get_help_option(self, ctx: Any) -> Any:  # noqa: ANN401 - Click's, which Typer hides
        """Return the option of Typer, which would print on the process's own stdout."""
        return _ours(super().get_help_option(ctx))


class Verbs(TyperGroup):
    """All verbs together."""

    def get_help_option(self, ctx: Any) -> Any:  # noqa: ANN401
        """Return the option, as above."""
        return _ours(super().get_help_option(ctx))


def _ours(option: Any) -> Any:  # noqa: ANN401
    if option is not None:
        option.callback = _show
    return option


def _show(ctx: Any, param: Any, value: object) -> None:  # noqa: ANN401
    del param
    if value and not ctx.resilient_parsing:
        typer.echo(ctx.get_help(), file=streams()[0], color=ctx.color)
        ctx.exit()
