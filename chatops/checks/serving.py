"""Whether a browser's WebSocket can come in at all, in development."""

from django.apps import apps
from django.conf import settings

from chatops.checks.built import is_dotted, is_installed
from chatops.errors import BrokenProject, foreign
from chatops.model.finding import Finding
from chatops.model.rules.settings import ASGI, RUNSERVER

STATICFILES = "django.contrib.staticfiles"
_DJANGO = ("django.core", STATICFILES)
_OTHERS = ("uvicorn", "hypercorn", "granian")
_NO_PROJECT = "there is no project"


def has_project() -> bool:
    """Tell whether there are settings at all, other than the one layer of a `--url`."""
    return bool(settings.SETTINGS_MODULE or settings.INSTALLED_APPS)


def runserver() -> Finding:
    """Look at which app's runserver Django would run."""
    if not has_project():
        return RUNSERVER.none(_NO_PROJECT)
    app = runserver_app()
    if _has_daphne():
        return _daphne_wins(app)
    if not settings.DEBUG:
        return RUNSERVER.none("without DEBUG another server is used")
    if app not in _DJANGO:
        return RUNSERVER.ok(f"it is that of {app}")
    if server := next(filter(is_installed, _OTHERS), None):
        return RUNSERVER.ok(f"Django's does not, but {server} is installed, and does")
    install = "" if is_installed("daphne") else "python -m pip install daphne, then "
    return RUNSERVER.warn(
        "it is Django's own, and answers a WebSocket with 404; daphne is not in INSTALLED_APPS, "
        f"and none of {', '.join(_OTHERS)} is installed",
        f"{install}{RUNSERVER.fix}",
    )


def _daphne_wins(app: str) -> Finding:
    try:
        with foreign(BrokenProject, f"the runserver of {app} cannot be loaded"):
            wins = app == "daphne" or (app not in _DJANGO and _extends_daphne(app))
    except BrokenProject as error:
        return RUNSERVER.unknown(str(error))
    if wins:
        return RUNSERVER.ok("it is that of daphne")
    return RUNSERVER.fail(
        f"{app} comes before daphne in INSTALLED_APPS, and its runserver is the one that runs"
    )


def runserver_app() -> str:
    """Name the app whose runserver Django runs: the first that has one."""
    from django.core.management import get_commands  # noqa: PLC0415 - manage.py has loaded it

    app = get_commands()["runserver"]
    return app if isinstance(app, str) else type(app).__module__


def _extends_daphne(app: str) -> bool:
    """Tell whether a stranger's runserver is one of daphne's, as WhiteNoise's may be."""
    from django.core.management import load_command_class  # noqa: PLC0415

    command = type(load_command_class(app, "runserver"))
    return any(base.__module__.startswith("daphne.") for base in command.__mro__)


def _has_daphne() -> bool:
    return any(config.name == "daphne" for config in apps.get_app_configs())


def application() -> Finding:
    """Look at ASGI_APPLICATION, without importing it."""
    if not has_project():
        return ASGI.none(_NO_PROJECT)
    path = getattr(settings, "ASGI_APPLICATION", None)
    if path is None:
        if _has_daphne():
            return ASGI.fail("ASGI_APPLICATION is not set: daphne's runserver does not start")
        return ASGI.none("ASGI_APPLICATION is not set; a server is told by its command line")
    if not isinstance(path, str) or not is_dotted(path):
        problem = f"ASGI_APPLICATION is {path!r}, which is no dotted path"
    elif not is_installed(path.partition(".")[0]):
        problem = f"ASGI_APPLICATION is {path!r}, and its package cannot be found"
    else:
        return ASGI.ok(path)
    return ASGI.fail(problem) if _has_daphne() else ASGI.warn(problem)
