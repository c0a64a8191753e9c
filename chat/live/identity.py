"""Who is speaking: an account, or a guest whose name lives in the browser's session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from chat.protocol import names
from chat.records import moderation, sessions

SESSION_KEY = "chat_name"

Stamp = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A name, whether an account vouches for it, and whether that may moderate."""

    name: str
    account: bool
    staff: bool = False


def of_request(request: HttpRequest) -> Identity:
    """Tell who looks at a page; give a new guest a name for this browser session."""
    if account := _of(request.user):
        return account
    name = _guest_name(request.session)
    if name is None:
        name = request.session[SESSION_KEY] = names.suggest()
    return Identity(name=name, account=False)


def of_scope(scope: Mapping[str, Any]) -> Identity:
    """Tell who opened a socket; blocks on the database."""
    return _of(scope["user"]) or Identity(
        name=_guest_name(scope["session"]) or names.anonymous(), account=False
    )


def of_scopes(scopes: Sequence[Mapping[str, Any]]) -> list[Identity]:
    """Tell who opened each of these sockets; blocks on the database, once for all the sessions."""
    sessions.load(scope["session"] for scope in scopes)
    return [of_scope(scope) for scope in scopes]


def _of(user: Any) -> Identity | None:  # noqa: ANN401 - Channels' and Django's lazy users
    if not user.is_authenticated:
        return None
    return Identity(name=user.get_username(), account=True, staff=moderation.may(user))


def person_of(user: Any, session: SessionBase) -> str | None:  # noqa: ANN401 - see above
    """Return a key that all sockets of one person have; None where nothing joins them.

    Keyed with the site's secret: it can be stored and hashed, and nobody can compute it.
    """
    if user.is_authenticated:
        joined = f"account {user.pk}"
    elif session.session_key:
        joined = f"session {session.session_key}"
    else:
        return None
    return salted_hmac("chat.identity.person", joined, algorithm="sha256").hexdigest()


def stamp(user: Any) -> Stamp:  # noqa: ANN401 - see above
    """Return what of an account has to be looked at again when it changes."""
    if user is None:
        return ()
    return user.get_username(), user.password, user.is_active, getattr(user, "is_staff", False)


async def look_again(scope: Mapping[str, Any]) -> Identity | None:
    """Tell who a socket's session stands for by now; None where the session is no more."""
    # Not type(): a socket's session is Channels' lazy wrapper around the store.
    fresh: SessionBase = scope["session"].__class__(scope["session"].session_key)
    user = await get_user({"session": fresh})  # loads it, in the database's thread
    account: Identity | None = await database_sync_to_async(_of)(user)
    if account is not None:
        return account
    name = _guest_name(fresh)
    return None if name is None else Identity(name=name, account=False)


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
