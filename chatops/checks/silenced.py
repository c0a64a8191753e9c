"""What the project does not want to hear of."""

from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings

from chatops.model.finding import Finding, Status
from chatops.model.rules import group_of
from chatops.model.rules.settings import BUILT

_SETTING = "SILENCED_SYSTEM_CHECKS"


def silenced(findings: Iterable[Finding]) -> list[Finding]:
    """Turn what SILENCED_SYSTEM_CHECKS names into "n/a"; only settings can be silenced.

    That a layer could not be built is no opinion: without one, nothing else was tried.
    """
    named = getattr(settings, _SETTING, ())
    return [
        replace(each, status=Status.NONE, detail=f"silenced by {_SETTING}", fix=None)
        if each.status in {Status.WARN, Status.FAIL}
        and each.id != BUILT.id
        and group_of(each.id) == "settings"
        and f"chatops.{each.id}" in named
        else each
        for each in findings
    ]
