"""Find the Django project that a command is meant for."""

import ast
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from chatops.errors import BadValue, ProjectNotFound
from chatops.model.source import LayerSource


def locate(
    *,
    alias: str = "default",
    settings: str | None = None,
    url: str | None = None,
    **more: str | None,
) -> LayerSource:
    """Say where the channel layer is configured, without importing anything.

    Where Django runs already, as in `manage.py`, its settings are taken; they have no module
    where they were overridden or configured by hand. Otherwise tried in this order: `url` and
    `settings`, which are said outright; CHATOPS_URL; DJANGO_SETTINGS_MODULE; `[tool.chatops]`
    in the nearest pyproject.toml upwards; the nearest manage.py upwards. `more` is what
    `server` takes beside a URL. Raises `ProjectNotFound` with what was tried.
    """
    if url is not None and settings is not None:
        raise BadValue("--url and --settings contradict one another: which layer is meant?")
    if _django_runs():
        _require_nothing(more)
        return _running(alias, settings, url)
    called = "--url" if url is not None else "CHATOPS_URL"
    if url is None and settings is None:
        url = os.environ.get("CHATOPS_URL") or None
    if url is not None:
        from chatops.project.server import server  # noqa: PLC0415 - a project has settings

        return server(alias, url, called, **more)
    _require_nothing(more)
    try:
        here = Path.cwd()
    except OSError as error:
        raise ProjectNotFound(f"The working folder cannot be read: {error}") from error
    if named := settings or os.environ.get("DJANGO_SETTINGS_MODULE"):
        return LayerSource(alias=alias, settings=named, path=str(_root(here)))
    for folder, module in _declared(here):
        if module is not None:
            return LayerSource(alias=alias, settings=module, path=str(folder))
    raise ProjectNotFound(
        "No Django project found; tried --settings, CHATOPS_URL, DJANGO_SETTINGS_MODULE, and from "
        f"{here} upwards [tool.chatops] in a pyproject.toml and a manage.py. "
        "Run inside the project, or name it with --settings, or name a server with --url."
    )


def _running(alias: str, settings: str | None, url: str | None) -> LayerSource:
    from django.conf import settings as running  # noqa: PLC0415 - it is loaded already

    module = running.SETTINGS_MODULE
    if url is not None or settings not in {None, module}:
        raise BadValue("Django runs already, with its settings: use `chatops` for another layer.")
    return LayerSource(alias=alias, settings=module, path=sys.path[0])


def _require_nothing(more: Mapping[str, str | None]) -> None:
    for name, value in more.items():
        if value is not None:
            raise BadValue(
                f"--{name.replace('_', '-')} goes with --url; a project's settings say it."
            )


def _django_runs() -> bool:
    loaded = sys.modules.get("django.apps")
    return loaded is not None and loaded.apps.ready


def _upwards(start: Path) -> Iterator[Path]:
    yield start
    yield from start.parents


def _root(start: Path) -> Path:
    """Return the folder to import the project from: that of its manage.py, if it has one."""
    return next((each for each in _upwards(start) if (each / "manage.py").is_file()), start)


def _declared(start: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield what each source upwards says: first every pyproject.toml, then every manage.py."""
    for folder in _upwards(start):
        if (folder / "pyproject.toml").is_file():
            yield folder, _from_pyproject(folder / "pyproject.toml")
    for folder in _upwards(start):
        if (folder / "manage.py").is_file():
            yield folder, _from_manage(folder / "manage.py")


def _from_pyproject(file: Path) -> str | None:
    import tomllib  # noqa: PLC0415 - not where the settings are named

    try:
        text = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadValue(f"{file} cannot be read: {error}") from error
    match text:
        case {"tool": {"chatops": {"settings": str(module)}}}:
            return module
        case {"tool": {"chatops": _}}:
            raise BadValue(f'{file}: [tool.chatops] takes settings = "yoursite.settings".')
        case _:
            return None


def _from_manage(file: Path) -> str | None:
    """Read the default that `os.environ.setdefault` sets, from the text; nothing is run."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return None
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="setdefault"),
                args=[
                    ast.Constant(value="DJANGO_SETTINGS_MODULE"),
                    ast.Constant(value=str(module)),
                ],
            ):
                return module
    return None
