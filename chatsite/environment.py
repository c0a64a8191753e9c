"""Settings that come from the environment; a wrong value gets one clear line."""

import os
from collections.abc import Sequence
from typing import cast
from urllib.parse import urlsplit

import dj_database_url
from dj_database_url import DBConfig
from django.core.exceptions import ImproperlyConfigured

_FLAGS = {"1": True, "true": True, "yes": True, "on": True}
_FLAGS |= {"0": False, "false": False, "no": False, "off": False}


def flag(name: str, *, default: bool) -> bool:
    """Read a switch."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in _FLAGS:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return _FLAGS[value]


def choice(name: str, options: Sequence[str]) -> str:
    """Read one of a few words; the first is the default."""
    value = os.environ.get(name, "").strip() or options[0]
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(options)}, not {value!r}.")
    return value


def number(name: str, *, default: int) -> int:
    """Read a whole number that is not negative."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def words(name: str) -> list[str]:
    """Read a list of words between commas."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def origins(name: str) -> list[str]:
    """Read a list of origins, each with its scheme."""
    values = words(name)
    for value in values:
        if urlsplit(value).scheme not in {"http", "https"}:
            raise ImproperlyConfigured(
                f"{name} needs the scheme with each host, such as https://{value}."
            )
    return values


def redis_url(name: str = "REDIS_URL") -> str | None:
    """Read the broker's URL; None where the embedded broker is to be used."""
    value = os.environ.get(name, "").strip()
    if not value:
        return None
    if urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        # The value is not shown: it may hold a password.
        raise ImproperlyConfigured(f"{name} must begin with redis://, rediss:// or unix://.")
    return value


def database(name: str, *, default: str) -> DBConfig:
    """Read the database's URL; SQLite gets what several processes at once need."""
    try:
        config = dj_database_url.parse(os.environ.get(name, "").strip() or default)
    except ValueError:
        # The value is not shown: it may hold a password.
        raise ImproperlyConfigured(
            f"{name} is no database URL; write sqlite:////path/to/file or postgres://user@host/name."
        ) from None
    if config.get("ENGINE") == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
            # A transaction that reads first and then writes would fail at once, not wait.
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
        } | cast("dict[str, object]", config.get("OPTIONS", {}))
    elif config.get("ENGINE") == "django.db.backends.postgresql":
        config["OPTIONS"] = {
            # A process that is stopped in a transaction must not hold up the others for ever.
            "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=10s",
        } | cast("dict[str, object]", config.get("OPTIONS", {}))
    return config
