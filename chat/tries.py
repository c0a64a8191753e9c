"""How often somebody may try to sign in, or make an account.

Counted in the database, so that it holds over processes. An address alone is given more tries:
behind one, or behind a proxy that hides them, there may be many people.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.live import addresses
from chat.models import Try

WHILE = timedelta(minutes=15)
"""How long a try counts."""

MOST = {"name and address": 5, "name": 50, "address": 100, "account": 10}
"""Tries in that time, with what is the same in them; `account` is for those that were made."""

TOO_MANY = _("Too many tries. Please wait a quarter of an hour, and try again.")
REFUSED = "chat.tries.refused"
TOO_MANY_ACCOUNTS = _("Too many accounts were made from here. Please try again later.")


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
        if request is None:
            return super().authenticate(request, username, password, **kwargs)
        tried = _count(_keys(request, username))  # before the password is looked at
        if tried is None:
            request.META[REFUSED] = True
            raise PermissionDenied(TOO_MANY)
        user = super().authenticate(request, username, password, **kwargs)
        if user is not None:
            _forget(tried)
        return user


def check_sign_in(request: HttpRequest, name: str | None) -> None:
    """Raise `ValidationError` where somebody tried too often; for a form that can say so."""
    if too_many(_keys(request, name)):
        raise ValidationError(TOO_MANY, code="too_many")


def check_tried(request: HttpRequest) -> None:
    """Raise `ValidationError` where no password was looked at: many came at the same time."""
    if REFUSED in request.META:
        raise ValidationError(TOO_MANY, code="too_many")


def check_sign_up(request: HttpRequest) -> None:
    """Raise `ValidationError` where too many accounts came from one place."""
    if too_many({"account": _key("account", addresses.of_request(request))}):
        raise ValidationError(TOO_MANY_ACCOUNTS)


@contextmanager
def sign_up(request: HttpRequest) -> Iterator[None]:
    """Count the account that is made in the block, before it is; raises `ValidationError`."""
    tried = _count({"account": _key("account", addresses.of_request(request))})
    if tried is None:
        raise ValidationError(TOO_MANY_ACCOUNTS)
    try:
        yield
    except Exception:
        _forget(tried)
        raise


def too_many(keys: Mapping[str, str], already: int = 0) -> bool:
    """Tell whether one of these was tried too often; `already` of the tries may be."""
    recent = Try.objects.filter(at__gt=timezone.now() - WHILE)
    return any(recent.filter(key=key).count() - already >= MOST[kind] for kind, key in keys.items())


def _count(keys: Mapping[str, str]) -> list[Try] | None:
    """Write down a try, and then tell whether it was one too many: others come at the same time."""
    Try.objects.filter(at__lt=timezone.now() - WHILE).delete()
    tried = Try.objects.bulk_create(Try(key=key) for key in keys.values())
    if not too_many(keys, already=1):
        return tried
    _forget(tried)
    return None


def _forget(tried: Iterable[Try]) -> None:
    Try.objects.filter(pk__in=[each.pk for each in tried]).delete()


def _keys(request: HttpRequest, name: object) -> dict[str, str]:
    like, address = str(name or "").casefold()[:500], addresses.of_request(request)
    return {
        "name and address": _key("both", like, address),
        "name": _key("name", like),
        "address": _key("address", address),
    }


def _key(*parts: str) -> str:
    # A digest: what people type where a name is asked is sometimes their password.
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
