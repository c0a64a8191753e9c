"""The secret key of a site that nobody gave one."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from chatsite.errors import BrokerError
from chatsite.runfolder import private, run_folder


def is_given() -> bool:
    """Tell whether the environment has a key."""
    return bool(os.environ.get("SECRET_KEY"))


def secret_key(*, debug: bool) -> str:
    """Return `SECRET_KEY`, or, in development alone, one that is made once and kept."""
    key = os.environ.get("SECRET_KEY", "")
    if key:
        return key
    if not debug:
        raise ImproperlyConfigured("SECRET_KEY must be set when DEBUG is off.")
    try:
        return _kept(private(run_folder()) / "secret_key")
    except BrokerError as error:
        raise ImproperlyConfigured(str(error)) from None
    except OSError as error:
        raise ImproperlyConfigured(
            f"{error.filename} cannot be used ({error.strerror}); set SECRET_KEY or CHAT_RUN_DIR."
        ) from None


def _kept(path: Path) -> str:
    """Read the key; write it first where there is none, as the first of several processes."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # whole or not at all, and only where there is none yet
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = path.read_text().strip()
    if not key:
        raise ImproperlyConfigured(f"{path} is empty; remove it, and a new key will be made.")
    return key
