"""Help that goes where all results go, also through `call_command`."""

from typing import Any

import typer
from typer.core import TyperCommand

from chatops.cli.plain import unhurried
from chatops.cli.streams import streams


class Helpful:
    """What every command has of ours."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - Click's, which Typer hides
        """Return the parameters, which leave Typer's own reading to those that need it."""
        return list(map(unhurried, super().get_params(ctx)))  # type: ignore[misc] # Click's

    def get_help_option(self, ctx: Any) -> Any:  # noqa: ANN401
        """Return the option of Typer, which would print on the process's own stdout."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.callback = _show
        return option


class Verb(Helpful, TyperCommand):
    """One verb."""


def _show(ctx: Any, param: Any, value: object) -> None:  # noqa: ANN401
    del param
    if value and not ctx.resilient_parsing:
        typer.echo(ctx.get_help(), file=streams()[0], color=ctx.color)
        ctx.exit()
