"""The language that one socket is spoken to in."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, get_language_from_request, override


def of(scope: Mapping[str, Any]) -> str:
    """Choose as Django does for a page: by its cookie, else by what the browser prefers."""
    request = HttpRequest()
    request.COOKIES = dict(scope.get("cookies", {}))
    preferred = dict(scope.get("headers", ())).get(b"accept-language", b"")
    request.META["HTTP_ACCEPT_LANGUAGE"] = preferred.decode("latin-1")
    return get_language_from_request(request)


def spoken(language: str) -> AbstractContextManager[object]:
    """Speak it for a while; costs a socket no memory where it is spoken anyway."""
    return nullcontext() if language == get_language() else override(language)
