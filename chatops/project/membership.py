"""Which groups a consumer joins, as far as its code says so."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from types import FunctionType
from typing import Any

from chatops.project.naming import ANY, Naming
from chatops.project.source import Source, source_of

_JOIN = "group_add"


@cache  # asked for every room of a broadcast
def groups_of(cls: type) -> tuple[str, ...] | None:
    """Return a regular expression for each name by which the class joins groups.

    Read are its `groups`, and each `group_add` in its methods, in those of its bases, and in
    functions that these call by name. None at all means that it joins no group itself; `None`
    that one of the names cannot be known.
    """
    found = [*_declared(cls), *_added(cls)]
    return None if ANY in found else tuple(dict.fromkeys(found))


def _declared(cls: type) -> Iterator[str]:
    groups = getattr(cls, "groups", None)
    if groups is None:
        return
    if isinstance(groups, list | tuple | set | frozenset):
        yield from (re.escape(each) if isinstance(each, str) else ANY for each in groups)
    else:  # a property, which is asked of each socket
        yield ANY


def _added(cls: type) -> Iterator[str]:
    own = [each for each in cls.__mro__ if _is_theirs(each)]
    sources = [source for each in own if (source := source_of(each)) is not None]
    naming = Naming(cls, sources)
    for source in sources:
        yield from _in(source, naming)
        for function in _called(source):
            if (body := source_of(function)) is not None:
                yield from _in(body, Naming(None, [body]))
    for each in own:
        if source_of(each) is None and any(_mentions(value) for value in vars(each).values()):
            yield ANY


def _is_theirs(cls: type) -> bool:
    return cls is not object and not cls.__module__.startswith("channels.")


def _in(source: Source, naming: Naming) -> Iterator[str]:
    """Yield the names of groups that are joined, or set as `self.groups`, in this code."""
    for function in source.functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and node.attr == _JOIN:
                name = _name_given(function, node)
                yield ANY if name is None else naming.pattern(name, function, source)
            elif isinstance(node, ast.Assign) and any(map(_is_groups, node.targets)):
                yield from _listed(node.value, naming, function, source)


def _is_groups(target: ast.expr) -> bool:
    match target:
        case ast.Attribute(value=ast.Name(id="self"), attr="groups"):
            return True
        case _:
            return False


def _listed(value: ast.expr, naming: Naming, function: ast.AST, source: Source) -> Iterator[str]:
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        yield from (naming.pattern(each, function, source) for each in value.elts)
    else:
        yield ANY


def _name_given(function: ast.AST, added: ast.Attribute) -> ast.expr | None:
    """Return the first argument of the call, also where `async_to_sync` is in between."""
    for call in ast.walk(function):
        if not isinstance(call, ast.Call):
            continue
        called = call.func
        if isinstance(called, ast.Call) and called.args[:1] == [added]:
            called = added
        if called is added:
            named = [each.value for each in call.keywords if each.arg == "group"]
            given = [*named, *call.args[:1]]
            return given[0] if given and not isinstance(given[0], ast.Starred) else None
    return None


def _called(source: Source) -> Iterator[FunctionType]:
    """Yield the functions, joining groups, that this code names."""
    seen = set()
    for function in source.functions:
        for node in ast.walk(function):
            value = source.value(node) if isinstance(node, ast.Name | ast.Attribute) else None
            if isinstance(value, FunctionType) and value not in seen and _mentions(value):
                seen.add(value)
                yield value


def _mentions(value: object) -> bool:
    code = getattr(getattr(value, "__func__", value), "__code__", value)
    names: Any = getattr(code, "co_names", ())
    inner: Any = getattr(code, "co_consts", ())
    return _JOIN in names or any(hasattr(each, "co_names") and _mentions(each) for each in inner)
