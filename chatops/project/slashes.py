"""Routes that begin with a slash, which Channels takes off every path before it looks."""

import re
from collections.abc import Sequence
from typing import Any

from chatops.project.walk import Way

_SLASH = re.compile(r"(?:\^|\\A)/(?![?*{])")


def unmatched(found: Sequence[Way]) -> str | None:
    """Return the first route of a URLRouter that no path matches, as it is written."""
    from channels.routing import URLRouter  # noqa: PLC0415 - imports Django

    routers = [each for way in found for each in way.through if isinstance(each, URLRouter)]
    patterns = (route.pattern for router in routers for route in router.routes)
    return next((str(each) for each in patterns if _is_unmatched(each)), None)


def _is_unmatched(pattern: Any) -> bool:  # noqa: ANN401 - path() and re_path() share no public class
    """Tell what cannot match for sure: in an expression with branches another one may."""
    from django.urls.resolvers import RoutePattern  # noqa: PLC0415 - imports Django

    written = str(pattern)
    if isinstance(pattern, RoutePattern):
        return written.startswith("/")
    return "|" not in written and bool(_SLASH.match(written))
