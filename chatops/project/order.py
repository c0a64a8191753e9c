"""Whether asgi.py imports models before Django's apps are loaded; read, never run."""

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from importlib.util import resolve_name

_SET_UP = ("get_asgi_application", "setup")


def models_before_setup() -> str | None:
    """Name the line that reaches a model too early, `None` where there is none.

    Under runserver nobody notices: it has loaded the apps before.
    """
    from django.conf import settings  # noqa: PLC0415 - imports Django

    module = settings.ASGI_APPLICATION.rpartition(".")[0]
    tree = _tree(module)
    for statement in [] if tree is None else tree.body:
        if _sets_up(statement):
            return None
        for imported in _imported(module, [statement]):
            if (way := _reaches_model(imported, (module,))) is not None:
                chain = " → ".join(way)
                return f"line {statement.lineno} of {module} imports {chain}, which has models"
    return None


def _sets_up(statement: ast.stmt) -> bool:
    """Tell whether a statement calls what loads the apps, as itself or inside another call."""
    calls = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
    names = {getattr(each, "id", getattr(each, "attr", None)) for each in calls}
    return not names.isdisjoint(_SET_UP)


def _reaches_model(module: str, via: tuple[str, ...]) -> tuple[str, ...] | None:
    if module in via or (tree := _tree(module)) is None:
        return None
    if _has_models(module):
        return (*via[1:], module)
    if module.partition(".")[0] in {"django", "channels"}:
        return None  # they import models when they are called
    for imported in _imported(module, tree.body):
        if (way := _reaches_model(imported, (*via, module))) is not None:
            return way
    return None


def _has_models(module: str) -> bool:
    from django.db.models import Model  # noqa: PLC0415 - imports Django

    return any(
        isinstance(value, type) and issubclass(value, Model) and value.__module__ == module
        for value in list(vars(sys.modules[module]).values())
    )


def _tree(module: str) -> ast.Module | None:
    if module not in sys.modules or module in sys.stdlib_module_names:
        return None
    try:
        return ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError, SyntaxError):
        return None


def _imported(module: str, body: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield the modules that these statements import when they run."""
    package = sys.modules[module].__package__ or ""
    for node in body:
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=name, names=names, level=level):
                base = resolve_name("." * level + (name or ""), package) if level else name or ""
                yield base
                yield from (f"{base}.{each.name}" for each in names)
            case ast.Try(body=inner) | ast.With(body=inner):
                yield from _imported(module, inner)
