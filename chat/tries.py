"""How often somebody may try to sign in, or make an account.

Counted in the database, so that it holds over processes. An address alone is given more tries:
behind one, or behind a proxy that hides them, there may be many people.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils import timezone

from chat.models import Try

WHILE = timedelta(minutes=15)
"""How long a try counts."""

MOST = {"name and address": 5, "name": 50, "address": 100, "account": 10}
"""Tries in that time, with what is the same in them; `account` is for those that were made."""

TOO_MANY = "Too many tries. Please wait a quarter of an hour, and try again."


class Bounded(ModelBackend):
    """Checks no password once there were too many wrong ones, on whatever page."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,  # noqa: ANN401 - Django's signature
    ) -> Any:  # noqa: ANN401 - whatever the user model is
        """Check a name and a password; raises `PermissionDenied`, so that no backend is asked."""
        if request is not None and too_many(_keys(request, username)):
            raise PermissionDenied(TOO_MANY)
        return super().authenticate(request, username, password, **kwargs)


def failed(credentials: Mapping[str, Any], request: HttpRequest | None = None, **_: object) -> None:
    """Count a try that failed."""
    if request is not None:
        keys = _keys(request, credentials.get("username"))
        if not too_many(keys):
            _count(keys)


def check_sign_in(request: HttpRequest, name: str | None) -> None:
    """Raise `ValidationError` where somebody tried too often; for a form that can say so."""
    if too_many(_keys(request, name)):
        raise ValidationError(TOO_MANY, code="too_many")


def check_sign_up(request: HttpRequest) -> None:
    """Raise `ValidationError` where too many accounts came from one place."""
    if too_many({"account": _key("account", _address(request))}):
        raise ValidationError("Too many accounts were made from here. Please try again later.")


def signed_up(request: HttpRequest) -> None:
    """Count an account."""
    _count({"account": _key("account", _address(request))})


def too_many(keys: Mapping[str, str]) -> bool:
    """Tell whether one of these was tried too often."""
    recent = Try.objects.filter(at__gt=timezone.now() - WHILE)
    return any(recent.filter(key=key).count() >= MOST[kind] for kind, key in keys.items())


def _count(keys: Mapping[str, str]) -> None:
    Try.objects.filter(at__lt=timezone.now() - WHILE).delete()
    Try.objects.bulk_create(Try(key=key) for key in keys.values())


def _keys(request: HttpRequest, name: object) -> dict[str, str]:
    like, address = str(name or "").casefold()[:500], _address(request)
    return {
        "name and address": _key("both", like, address),
        "name": _key("name", like),
        "address": _key("address", address),
    }


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _key(*parts: str) -> str:
    # A digest: what people type where a name is asked is sometimes their password.
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
