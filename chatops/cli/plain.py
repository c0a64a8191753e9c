"""Values that are what they should be already, which Typer need not read.

Typer 0.29 reads every value by Pydantic, even a text and what was left out: loading that takes
longer than all of Typer. Earlier versions are not touched.
"""

from contextlib import suppress
from typing import Any, get_args, get_origin

import typer


class _Plain:
    """Stands where a parameter of Typer's has its reader, and calls that only when it must."""

    def __init__(self, param: Any) -> None:  # noqa: ANN401 - Typer's, which has no name
        """Raise `AttributeError` where Typer has other names for what we need."""
        self._kind = param.type_descriptor.annotation
        self._parser = param.type_descriptor.parameter_info.parser
        self._reader = param.get_runtime_param
        self._several = param.multiple or param.nargs == -1

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401
        """Return the value as the verb gets it."""
        if value is None:
            return () if self._several else None
        if self._parser is not None:
            return [self._parsed(each) for each in value] if self._several else self._parsed(value)
        if _is(value, self._kind):
            return value
        return self._reader().coerce(value, param=param, ctx=ctx)

    def _parsed(self, value: Any) -> Any:  # noqa: ANN401
        try:
            return self._parser(value)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error


def unhurried(param: Any) -> Any:  # noqa: ANN401
    """Let the parameter load a reader only for a value that needs one; returns it.

    A Typer without the names that we use reads as usual.
    """
    if "get_runtime_param" not in vars(param):
        with suppress(AttributeError):
            plain = _Plain(param)
            param.get_runtime_param = lambda: plain
    return param


def _is(value: object, kind: Any) -> bool:  # noqa: ANN401 - an annotation
    if get_origin(kind) is list:
        [inner] = get_args(kind)
        return isinstance(value, list | tuple) and all(_is(each, inner) for each in value)
    return isinstance(kind, type) and type(value) is kind
