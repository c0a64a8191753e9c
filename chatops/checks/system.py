"""What settings give away, as Django's system checks say it."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

from chatops.checks import layer_findings, project_findings
from chatops.checks.serving import STATICFILES, runserver_app
from chatops.model.finding import Finding, Status
from chatops.model.rules.settings import BUILT, LOGGED, PROCESSES, RUNSERVER

_IN_PRODUCTION = {PROCESSES.id, LOGGED.id}
"""What matters only there: `manage.py check --deploy`."""

_SAID = {Status.WARN: Caution, Status.FAIL: Error}


def messages(*, deploy: bool) -> list[CheckMessage]:
    """Say what is wrong: of every layer, and once of the project."""
    return [
        _SAID[each.status](each.detail, hint=each.fix, obj=place, id=f"chatops.{each.id}")
        for place, each in _findings()
        if each.status in _SAID and (each.id in _IN_PRODUCTION) is deploy
    ]


def _findings() -> Iterator[tuple[str | None, Finding]]:
    """Yield each finding with the setting it is of, `None` for the project."""
    layers = getattr(settings, "CHANNEL_LAYERS", {})
    if not isinstance(layers, dict):
        said = f"CHANNEL_LAYERS must be a dict, not a {type(layers).__name__}"
        yield None, BUILT.fail(said, BUILT.fix)
    elif not layers:
        yield None, BUILT.warn("CHANNEL_LAYERS is missing or empty: every consumer's layer is None")
    else:
        for alias, raw in layers.items():
            for finding in layer_findings(alias, raw):
                yield f"CHANNEL_LAYERS[{alias!r}]", finding
    for finding in project_findings():
        if not _told_by_daphne(finding):
            yield None, finding


def _told_by_daphne(finding: Finding) -> bool:
    """Tell whether daphne.E001 is of the same mistake: staticfiles comes first."""
    failed = finding.id == RUNSERVER.id and finding.status is Status.FAIL
    return failed and runserver_app() == STATICFILES
