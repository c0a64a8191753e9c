"""Which fields of an event a handler cannot do without, as far as its code says so."""

import ast
from collections.abc import Iterator
from functools import cache

from chatops.project.source import Function, source_of


@cache  # asked for every room of a broadcast
def needed(cls: type, name: str) -> frozenset[str]:
    """Return the keys that the handler of this name reads as `event["key"]`, come what may.

    A key that it asks for in another way too, or reads only after a look at the event, or
    where a missing one is caught, is not among them.
    """
    owner = next((each for each in cls.__mro__ if name in vars(each)), None)
    source = source_of(owner) if owner is not None else None
    for function in source.functions if source is not None else ():
        if function.name == name and not function.decorator_list:
            return _read(function)
    return frozenset()


def _read(function: Function) -> frozenset[str]:
    given = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if len(given) < 2:  # noqa: PLR2004 - self and the event
        return frozenset()
    event = given[1]
    read = {key for statement in function.body for key in _surely(statement, event)}
    return frozenset(read - set(_doubted(function, event)))


def _surely(node: ast.AST, event: str) -> Iterator[str]:
    """Yield the keys that are read whenever this is run."""
    match node:
        case ast.Try(handlers=[_, *_], finalbody=last):
            children: list[ast.AST] = [*last]
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            children = [test] if _names(test, event) else list(ast.iter_child_nodes(node))
        case ast.Match(subject=subject):
            children = [subject]
        case ast.BoolOp(values=[first, *_]):
            children = [first]
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
            if name == event:
                yield key
            return
        case _:
            children = list(ast.iter_child_nodes(node))
    for child in children:
        yield from _surely(child, event)


def _names(node: ast.AST, event: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == event for each in ast.walk(node))


def _doubted(function: Function, event: str) -> Iterator[str]:
    """Yield the keys that it asks for, sets or removes: `"key" in event`, `event.get("key")`."""
    for node in ast.walk(function):
        match node:
            case ast.Compare(
                left=ast.Constant(value=str(key)), comparators=[ast.Name(id=name), *_]
            ) if name == event:
                yield key
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name)),
                args=[ast.Constant(value=str(key)), *_],
            ) if name == event:
                yield key
            case ast.Subscript(
                value=ast.Name(id=name),
                slice=ast.Constant(value=str(key)),
                ctx=ast.Store() | ast.Del(),
            ) if name == event:
                yield key
