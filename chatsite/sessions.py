"""Browsers' sessions, where the database may be away or locked for a moment."""

import logging

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template

from chat.sockets.visitors import session_key

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)


class Sessions(SessionMiddleware):
    """Django's, and a page that says so, instead of a fault, where the database does not answer."""

    def process_request(self, request: HttpRequest) -> None:
        """Find whose session it is; a cookie that cannot name one is none."""
        if session_key(request.COOKIES) is None:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Keep what is new in the session; the page is not shown where that cannot be."""
        try:
            return super().process_response(request, response)
        except AWAY as error:
            return _unavailable(request, error)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a page that could not read what it shows."""
        return _unavailable(request, error) if isinstance(error, AWAY) else None


def _unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.warning("%s could not be answered: %s", request.path, error)
    # Without the request, as Django does for a 500: what knows it would ask the database again.
    page = get_template("503.html").render()
    return HttpResponse(page, status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
