"""Options that every verb has, and how values are read."""

import inspect
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatops.model.capability import Capability
from chatops.rendering.screen import Format

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from chatops.model.result import Result
    from chatops.model.source import LayerSource

    Ahead = Callable[[LayerSource, dict[str, Any]], AbstractContextManager[Any]]

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%?")
_WHOLE = 100
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
SameCodec = Annotated[
    bool,
    typer.Option(
        "--same-codec",
        help="These settings surely have the application's key and serializer: its processes may "
        "be sent to, and asked whether they live.",
    ),
]
Group = Annotated[bool, typer.Option("--group", help="Take the names as groups, untouched.")]


def _with_url(name: str, what: str) -> Any:  # noqa: ANN401 - an annotation
    return Annotated[str | None, typer.Option(name, help=f"With a URL: {what}.")]


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
        Annotated[
            str | None,
            typer.Option(
                "--url",
                help="Redis or Valkey, without a project: redis://host:6379/0, rediss://host or "
                "unix:///path; or set CHATOPS_URL.",
            ),
        ],
        None,
    ),
    "backend": (_with_url("--backend", "core or pubsub, the default"), None),
    "prefix": (_with_url("--prefix", "key prefix, else asgi"), None),
    "serializer": (_with_url("--serializer", "json or msgpack, the default"), None),
    "key_file": (_with_url("--key-file", "file of encryption keys, one a line"), None),
    "password_file": (
        _with_url("--password-file", "file of the password; or set CHATOPS_PASSWORD"),
        None,
    ),
    "json": (Json, False),
    "no_color": (Annotated[bool, typer.Option("--no-color", help="No colour.")], False),
}

FORMATS: dict[str, tuple[Any, object]] = {
    "form": (
        Annotated[Format, typer.Option("--format", help="How to write it; --json is one.")],
        Format.TABLE,
    ),
    "output": (
        Annotated[
            Path | None, typer.Option("--output", help="Write it to this file, whole at the end.")
        ],
        None,
    ),
}
"""What a verb has beside `COMMON` whose result is one document."""

_OFFLINE: dict[str, tuple[Any, object]] = {
    "settings": (Annotated[str | None, typer.Option("--settings", hidden=True)], None),
    "json": COMMON["json"],
    "no_color": COMMON["no_color"],
}


def verb(
    *needs: Capability, examples: str, document: bool = False, ahead: "Ahead | None" = None
) -> Callable[[Callable[..., None]], Any]:
    """Give a verb its `session` as first argument, and the options that every verb has.

    `needs` are the capabilities without which the verb cannot work; `examples` end its help; a
    `document` can be written in other formats, and to a file. `ahead` is entered before the
    project is loaded, with where the layer comes from and the verb's own options, and left at
    the end; what it gives is the session's `ahead`.
    """

    def run(function: Callable[..., None], given: dict[str, Any], common: dict[str, Any]) -> None:
        from chatops.cli.session import Session  # noqa: PLC0415 - --help must not pay for it

        Session.run(
            lambda session: function(session, **given),
            needs=needs,
            ahead=None if ahead is None else lambda source: ahead(source, given),
            **common,
        )

    return _command(run, {**COMMON, **(FORMATS if document else {})}, examples, own_from=1)


def offline(*, examples: str) -> Callable[[Callable[..., Iterable["Result"]]], Any]:
    """Show what a verb returns, which needs neither a project nor a layer."""

    def run(
        function: Callable[..., Iterable["Result"]], given: dict[str, Any], common: dict[str, Any]
    ) -> None:
        from chatops.cli.ending import tell  # noqa: PLC0415

        del common["settings"]  # named because every other verb has it
        tell(lambda: function(**given), **common)

    return _command(run, _OFFLINE, examples)


def _command(
    run: Callable[[Any, dict[str, Any], dict[str, Any]], None],
    options: dict[str, tuple[Any, object]],
    examples: str,
    own_from: int = 0,
) -> Callable[[Callable[..., Any]], Any]:
    def wrap(function: Callable[..., Any]) -> Callable[..., None]:
        def command(**given: Any) -> None:  # noqa: ANN401 - the verb's own options
            common = {name: given.pop(name) for name in options}
            run(function, given, common)

        own = list(inspect.signature(function).parameters.values())[own_from:]
        shared = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
            )
            for name, (kind, default) in options.items()
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


def percent(text: str) -> float:
    """Read `5%`, `0.5%` or plain percent."""
    found = _PERCENT.fullmatch(text)
    if found is None or float(found[1]) > _WHOLE:
        raise typer.BadParameter(f"{text!r} is not a share such as 0 or 5%, up to 100%.")
    return float(found[1])
