"""Whether Channels can call what a consumer has under the name of an event's type."""

import dis
import inspect
from itertools import pairwise
from types import FunctionType


def takes_an_event(cls: type, name: str) -> bool:
    """Tell whether Channels could call it with an event, and await what comes of that.

    A `SyncConsumer` is not awaited. A wrapper that hides what it does can be called.
    """
    held = inspect.getattr_static(cls, name, None)
    if isinstance(held, type):
        return False
    first: tuple[str, ...] = ("cls",) if isinstance(held, classmethod) else ("self",)
    if isinstance(held, staticmethod):
        first = ()
    method = getattr(held, "__func__", held)
    try:
        inspect.signature(method).bind(*first, {})
    except TypeError:
        return False
    except ValueError:  # it has no signature to ask
        pass
    return _is_called(cls, method)


def _is_called(cls: type, method: object) -> bool:
    from channels.consumer import SyncConsumer  # noqa: PLC0415 - only with a consumer at hand

    both = [method, inspect.unwrap(method)] if callable(method) else []
    is_async = any(map(inspect.iscoroutinefunction, both))
    if issubclass(cls, SyncConsumer):
        return not is_async
    return is_async or not isinstance(method, FunctionType) or _gives(method)


def _gives(function: FunctionType) -> bool:
    """Tell whether a function may give back something to be awaited: not `None`, no generator."""
    if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
        return False
    return any(
        step.opname == "RETURN_VALUE" and (before.opname, before.argval) != ("LOAD_CONST", None)
        for before, step in pairwise(dis.get_instructions(function))
    )
