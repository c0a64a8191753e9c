"""What a text can be that an expression in a project's code makes."""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from types import FunctionType

from chatops.project.source import UNKNOWN, Function, Source, assigned, source_of

ANY = ".*"
"""What matches every text."""

_MOST = 20
_PERCENT = re.compile(r"%(?:\(\w+\))?[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]")
_BRACES = re.compile(r"\{[^{}]*\}")


class Naming:
    """Reads expressions as they stand in the methods of one class and of its bases.

    Without a class it reads those of one function. What is named by `underway` is being read:
    whoever comes back to it goes in a circle.
    """

    def __init__(
        self, cls: type | None, sources: Sequence[Source], underway: set[object] | None = None
    ) -> None:
        self._cls = cls
        self._sources = sources
        self._underway: set[object] = set() if underway is None else underway

    def pattern(self, node: ast.expr, function: ast.AST, source: Source) -> str:
        """Return a regular expression for the texts that this can be, `ANY` where any can."""

        def inner(each: ast.expr) -> str:
            return self.pattern(each, function, source)

        if (parts := _joined(node)) is not None:
            return _tidy("".join(map(inner, parts)))
        if (choices := _choices(node)) is not None:
            return _either(map(inner, choices))
        if isinstance(node, ast.Call):
            return self._called(node.func, source)
        return self._named(node, function, source)

    def _once(self, what: object, read: Callable[[], str]) -> str:
        if what in self._underway:
            return ANY
        self._underway.add(what)
        try:
            return read()
        finally:
            self._underway.discard(what)

    def _named(self, node: ast.expr, function: ast.AST, source: Source) -> str:
        match node:
            case ast.Constant(value=str(text)):
                return re.escape(text)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return self._once(f"self.{name}", lambda: self._of_self(name))
            case ast.Name(id=name) if name in _parameters(function):
                return ANY
            case ast.Name(id=name) if given := list(assigned(function, name)):
                return self._once(
                    (function, name),
                    lambda: _either(self.pattern(each, function, source) for each in given),
                )
        value = source.value(node)
        return re.escape(value) if isinstance(value, str) else ANY

    def _of_self(self, name: str) -> str:
        """Read an attribute: what methods assign to it, a constant of the class, a property."""
        found = [
            self.pattern(value, function, source)
            for source in self._sources
            for function in source.functions
            for value in assigned(function, name, on_self=True)
        ]
        constant = inspect.getattr_static(self._cls, name, None) if self._cls else None
        if isinstance(constant, str):
            found.append(re.escape(constant))
        elif constant is not None:
            found.append(self._returned(name))
        return _either(found)

    def _called(self, called: ast.expr, source: Source) -> str:
        match called:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return self._once(f"self.{name}()", lambda: self._returned(name))
        value = source.value(called)
        if isinstance(value, FunctionType) and (body := source_of(value)) is not None:
            theirs = Naming(None, [body], self._underway)
            return self._once(value, lambda: theirs._returned(value.__name__))
        return ANY

    def _returned(self, name: str) -> str:
        """Read what a method or property gives back, as the nearest class has it."""
        for source in self._sources:
            for function in source.functions:
                if function.name == name:
                    return _either(
                        self.pattern(node.value, function, source)
                        for node in ast.walk(function)
                        if isinstance(node, ast.Return) and node.value is not None
                    )
        return ANY


def _joined(node: ast.expr) -> Sequence[ast.expr] | None:
    """Return the parts that a text is put together of."""
    match node:
        case ast.JoinedStr(values=parts):
            return parts
        case ast.FormattedValue(value=value, format_spec=None, conversion=-1):
            return [value]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [left, right]
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
            return _around(_PERCENT, text)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return _around(_BRACES, text)
        case _:
            return None


def _choices(node: ast.expr) -> Sequence[ast.expr] | None:
    match node:
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.BoolOp(values=values):
            return values
        case ast.Await(value=value) | ast.NamedExpr(value=value):
            return [value]
        case _:
            return None


def _around(place: re.Pattern[str], text: str) -> Sequence[ast.expr]:
    first, *others = place.split(text)
    parts: list[ast.expr] = [ast.Constant(first)]
    for each in others:
        parts += [UNKNOWN, ast.Constant(each)]
    return parts


def _parameters(function: ast.AST) -> frozenset[str]:
    if not isinstance(function, Function):
        return frozenset()
    given = function.args
    return frozenset(each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs))


def _either(found: Iterable[str]) -> str:
    """Return what matches one of these; `ANY` where there is none, or too many."""
    each = list(dict.fromkeys(found))
    if not each or ANY in each or len(each) > _MOST:
        return ANY
    return each[0] if len(each) == 1 else f"(?:{'|'.join(each)})"


def _tidy(pattern: str) -> str:
    """Write places for anything that stand together as one."""
    while ANY * 2 in pattern:
        pattern = pattern.replace(ANY * 2, ANY)
    return pattern
