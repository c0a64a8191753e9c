"""The code of a project's classes and functions, and what is assigned in it."""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

UNKNOWN = ast.Constant(...)
"""Stands for an expression that says nothing."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The methods of a class, or one function, and the module that they stand in."""

    module: ModuleType
    functions: tuple[Function, ...]

    def value(self, node: ast.expr) -> Any:  # noqa: ANN401 - whatever the module holds
        """Return what a name, or a module's or class's own, means here; `None` where nothing."""
        match node:
            case ast.Name(id=name):
                return vars(self.module).get(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attr):
                holder = vars(self.module).get(name)
                is_plain = isinstance(holder, ModuleType | type)
                return inspect.getattr_static(holder, attr, None) if is_plain else None
            case _:
                return None


def source_of(what: type | FunctionType) -> Source | None:
    """Return the code of a class or function; `None` where its file cannot be read."""
    module = sys.modules.get(what.__module__)
    tree = None if module is None else _tree(getattr(module, "__file__", None))
    if module is None or tree is None:
        return None
    here: Any = tree
    for name in what.__qualname__.split("."):
        if name != "<locals>":
            here = next((each for each in ast.walk(here) if _is_called(each, name)), None)
        if here is None:
            return None
    inside = here.body if isinstance(here, ast.ClassDef) else [here]
    return Source(module, tuple(each for each in inside if isinstance(each, Function)))


def _is_called(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.ClassDef | Function) and node.name == name


@cache
def _tree(file: str | None) -> ast.Module | None:
    try:
        return ast.parse(Path(file or "").read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def assigned(function: ast.AST, name: str, *, on_self: bool = False) -> Iterator[ast.expr]:
    """Yield what a variable, or an attribute of `self`, is given here, `None` left out."""
    for node in ast.walk(function):
        for target, value in _pairs(node):
            if _is_named(target, name, on_self=on_self) and not _is_none(value):
                yield value


def _pairs(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Tuple | ast.List):
                    yield from ((each, UNKNOWN) for each in target.elts)
                else:
                    yield target, value
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
        ):
            yield target, value
        case ast.AugAssign(target=target):
            yield target, UNKNOWN
        case ast.For(target=target, iter=ast.List(elts=values) | ast.Tuple(elts=values)):
            yield from ((target, value) for value in values)
        case ast.For(target=target) | ast.AsyncFor(target=target):
            yield target, UNKNOWN


def _is_named(target: ast.expr, name: str, *, on_self: bool) -> bool:
    match target:
        case ast.Name(id=found):
            return not on_self and found == name
        case ast.Attribute(value=ast.Name(id="self"), attr=found):
            return on_self and found == name
        case _:
            return False


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
