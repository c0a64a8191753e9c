"""The language that one socket is spoken to in."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.utils.translation import get_language, get_language_from_request, override

if TYPE_CHECKING:
    from django.http import HttpRequest

_AS_IT_IS = nullcontext()


def of(scope: Mapping[str, Any]) -> str | None:
    """Choose as Django does for a page: by its cookie, else by what the browser prefers.

    None stands for the site's own language, which most sockets are spoken to in.
    """
    sent = (value for name, value in scope.get("headers", ()) if name == b"accept-language")
    preferred = {"HTTP_ACCEPT_LANGUAGE": next(sent, b"").decode("latin-1")}
    # All that Django looks at, and a tenth of a request's size.
    asked = SimpleNamespace(COOKIES=scope.get("cookies", {}), META=preferred)
    chosen = get_language_from_request(cast("HttpRequest", asked))
    return None if chosen == settings.LANGUAGE_CODE else chosen


def spoken(language: str | None) -> AbstractContextManager[object]:
    """Speak it for a while; costs a socket no memory where it is spoken anyway."""
    language = language or settings.LANGUAGE_CODE
    return _AS_IT_IS if language == get_language() else override(language)
