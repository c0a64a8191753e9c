"""Options that every verb has, and how values are read."""

import inspect
import re
from collections.abc import Callable
from typing import Annotated, Any

import typer

from chatops.model.capability import Capability

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Group = Annotated[bool, typer.Option("--group", help="Take the names as groups, untouched.")]

COMMON: dict[str, tuple[Any, object]] = {
    "layer": (
        Annotated[str, typer.Option("--layer", help="Alias in CHANNEL_LAYERS.")],
        "default",
    ),
    "settings": (
        Annotated[str | None, typer.Option("--settings", help="Django settings module.")],
        None,
    ),
    "url": (
        Annotated[str | None, typer.Option("--url", help="Redis or Valkey, without a project.")],
        None,
    ),
    "backend": (
        Annotated[str, typer.Option("--backend", help="With --url: core or pubsub.")],
        "pubsub",
    ),
    "prefix": (Annotated[str, typer.Option("--prefix", help="With --url: key prefix.")], "asgi"),
    "json": (Json, False),
    "no_color": (Annotated[bool, typer.Option("--no-color", help="No colour.")], False),
}


def verb(*needs: Capability, examples: str) -> Callable[[Callable[..., None]], Any]:
    """Give a verb its `session` as first argument, and the options that every verb has.

    `needs` are the capabilities without which the verb cannot work; `examples` end its help.
    """

    def wrap(function: Callable[..., None]) -> Callable[..., None]:
        def command(**given: Any) -> None:  # noqa: ANN401 - the verb's own options
            from chatops.cli.session import Session  # noqa: PLC0415 - --help must not pay for it

            common = {name: given.pop(name) for name in COMMON}
            Session.run(lambda session: function(session, **given), needs=needs, **common)

        own = list(inspect.signature(function).parameters.values())[1:]
        shared = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
            )
            for name, (kind, default) in COMMON.items()
        ]
        # Typer reads all of these; what the verb says of its session is not for Typer.
        command.__name__, command.__doc__ = function.__name__, function.__doc__
        command.__signature__ = inspect.Signature(own + shared)  # type: ignore[attr-defined]
        command.__annotations__ = {each.name: each.annotation for each in own + shared}
        command.examples = examples  # type: ignore[attr-defined]
        return command

    return wrap


def duration(text: str) -> float:
    """Read `500ms`, `10s`, `2m`, `1h` or plain seconds; returns seconds."""
    found = _DURATION.fullmatch(text)
    if found is None or float(found[1]) == 0:
        raise typer.BadParameter(f"{text!r} is not a duration such as 500ms, 10s, 2m or 1h.")
    return float(found[1]) * _UNITS[found[2] or "s"]
