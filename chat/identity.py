"""Who is speaking: an account, or a guest whose name lives in the browser's session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.http import HttpRequest

from chat import names

SESSION_KEY = "chat_name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A name, and whether an account vouches for it."""

    name: str
    account: bool


def of_request(request: HttpRequest) -> Identity:
    """Tell who looks at a page; give a new guest a name for this browser session."""
    if request.user.is_authenticated:
        return Identity(name=request.user.get_username(), account=True)
    name = _guest_name(request.session)
    if name is None:
        name = request.session[SESSION_KEY] = names.suggest()
    return Identity(name=name, account=False)


def of_scope(scope: Mapping[str, Any]) -> Identity:
    """Tell who opened a socket; blocks on the database."""
    user = scope["user"]
    if user.is_authenticated:
        return Identity(name=user.get_username(), account=True)
    return Identity(name=_guest_name(scope["session"]) or names.anonymous(), account=False)


def _guest_name(session: SessionBase) -> str | None:
    name = session.get(SESSION_KEY)
    return name if isinstance(name, str) else None


def remember(session: SessionBase, name: str) -> None:
    """Keep a guest's new name for this browser session; blocks on the database.

    A socket's session is as old as the socket, so a fresh copy is changed: what other
    requests wrote meanwhile stays. Without a session the name lives as long as the socket.
    """
    # Not type(): a socket's session is Channels' lazy wrapper around the store.
    fresh: SessionBase = session.__class__(session.session_key)
    if session.session_key is None or not fresh.exists(session.session_key):
        return
    fresh[SESSION_KEY] = name
    try:
        fresh.save(must_create=False)
    except UpdateError:  # logged out or in meanwhile: that session is no more
        return
