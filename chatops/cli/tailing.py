"""What the options of `tail` ask for, as values."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatops.errors import BadValue

if TYPE_CHECKING:
    from chatops.model.expression import Expression
    from chatops.rendering.template import Template

_SAMPLE = re.compile(r"1/([1-9]\d*)")


def _where(text: str) -> "Expression":
    """Read a JMESPath expression."""
    from chatops.model.expression import expression  # noqa: PLC0415 - who asks pays for it

    try:
        return expression(text)
    except BadValue as error:
        raise typer.BadParameter(str(error)) from error


def _grep(text: str) -> re.Pattern[str]:
    """Read a regular expression."""
    try:
        return re.compile(text)
    except re.error as error:
        raise typer.BadParameter(f"{text!r} is no regular expression: {error}.") from error


def _sample(text: str) -> int:
    """Read `1/100`; returns 100."""
    found = _SAMPLE.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a share such as 1/100.")
    return int(found[1])


def _template(text: str) -> "Template":
    """Read a line with fields."""
    from chatops.rendering.template import template  # noqa: PLC0415 - who asks pays for it

    try:
        return template(text)
    except BadValue as error:
        raise typer.BadParameter(str(error)) from error


def _field(text: str) -> str:
    """Read `text` or `user.email`."""
    if not all(text.split(".")):
        raise typer.BadParameter(f"{text!r} is no field such as text or user.email.")
    return text


Where = Annotated[
    Any,
    typer.Option("--where", parser=_where, metavar="JMESPATH", help="Only events it is true of."),
]
Types = Annotated[
    list[str] | None, typer.Option("--type", metavar="GLOB", help="Only of these types.")
]
Grep = Annotated[
    Any,
    typer.Option("--grep", parser=_grep, metavar="REGEX", help="Only with this in some text."),
]
Sample = Annotated[
    Any,
    typer.Option("--sample", parser=_sample, metavar="1/N", help="The first of every so many."),
]
Line = Annotated[
    Any,
    typer.Option(
        "-F",
        "--template",
        parser=_template,
        metavar="TEXT",
        help="Lines of your own: '{seen_at:%H:%M} {room} {body[text]}'.",
    ),
]
Redact = Annotated[
    list[str] | None,
    typer.Option(
        "--redact", parser=_field, metavar="FIELD", help="Hide a field of the event: user.email."
    ),
]
