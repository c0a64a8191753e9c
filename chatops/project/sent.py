"""The events that the project's own code sends, as far as they are written out."""

import ast
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NOT_OURS = {"migrations", "tests", "node_modules", "site-packages", "dist-packages", "chatops"}
_TESTS = {"tests.py", "conftest.py"}
_MARKS = (b"group_send", b"channel_layer", b"receive")


@dataclass(frozen=True, slots=True)
class Sending:
    """One call that sends; `type` is `None` where the dict has none."""

    place: str
    type: str | None


@dataclass(frozen=True, slots=True)
class Code:
    """What the code of a project says of the layer; `reads` is where it receives by itself."""

    sendings: tuple[Sending, ...]
    reads: str | None


def code(folders: list[Path], root: Path) -> Code:
    """Read the Python files in these folders, and what else was loaded from below `root`.

    Tests, migrations and what is installed are left out.
    """
    sendings: list[Sending] = []
    reads: str | None = None
    for file in sorted({*_loaded(root), *(each for folder in folders for each in _files(folder))}):
        text = file.read_bytes()
        if not any(mark in text for mark in _MARKS):
            continue
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        layers = _layers(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (name := _method(node.func, layers)) is not None:
                place = f"{file.relative_to(root)}:{node.lineno}"
                if name == "receive":
                    reads = reads or place
                else:
                    sendings += _sending(node, place)
    return Code(tuple(sendings), reads)


def _loaded(root: Path) -> Iterator[Path]:
    for module in list(sys.modules.values()):
        file = Path(getattr(module, "__file__", None) or "")
        if file.suffix == ".py" and file.is_relative_to(root) and _is_ours(file, root):
            yield file


def _is_ours(file: Path, root: Path) -> bool:
    folders = file.relative_to(root).parts[:-1]
    installed = Path(sys.prefix).is_relative_to(root) and file.is_relative_to(sys.prefix)
    return not installed and _NOT_OURS.isdisjoint(folders) and _is_code(file.name)


def _is_code(name: str) -> bool:
    return name.endswith(".py") and not name.startswith("test_") and name not in _TESTS


def _files(folder: Path) -> Iterator[Path]:
    for here, inner, names in os.walk(folder):
        inner[:] = [
            each
            for each in inner
            if each not in _NOT_OURS
            and not each.startswith(".")
            and not (Path(here) / each / "pyvenv.cfg").exists()
        ]
        yield from (Path(here) / name for name in names if _is_code(name))


def _layers(tree: ast.Module) -> frozenset[str]:
    """Name the variables that a layer is put into somewhere in the file."""
    return frozenset(
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_layer(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    )


def _method(called: ast.expr, layers: frozenset[str]) -> str | None:
    """Return which method of a channel layer is called, also through `async_to_sync`."""
    match called:
        case ast.Call(
            func=ast.Name(id="async_to_sync") | ast.Attribute(attr="async_to_sync"), args=[inner]
        ):
            return _method(inner, layers)
        case ast.Attribute(value=ast.Name(id="layer"), attr="group_send" as name):
            return name  # nothing but a channel layer has that, wherever it came from
        case ast.Attribute(value=layer, attr="group_send" | "send" | "receive" as name) if (
            _is_layer(layer) or (isinstance(layer, ast.Name) and layer.id in layers)
        ):
            return name
        case _:
            return None


def _is_layer(value: ast.expr) -> bool:
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.endswith("channel_layer")
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name == "get_channel_layer"
        case _:
            return False


def _sending(call: ast.Call, place: str) -> Iterator[Sending]:
    """Yield what is sent, where it is a dict that is written out, with a type that is a text."""
    named = [each.value for each in call.keywords if each.arg == "message"]
    events = [*call.args[1:2], *named]
    if len(events) != 1 or not isinstance(events[0], ast.Dict):
        return
    event = events[0]
    keys = [each.value if isinstance(each, ast.Constant) else None for each in event.keys]
    if "type" not in keys:
        if None not in keys:
            yield Sending(place, None)
        return
    last = len(keys) - 1 - keys[::-1].index("type")
    value = event.values[last]
    if None not in keys[last:] and isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield Sending(place, value.value)
