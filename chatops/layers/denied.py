"""What a server refuses to be asked, and what would allow it."""

import re

from redis.exceptions import NoPermissionError, ResponseError

from chatops.errors import Unsupported

# Redis 6 says "this user"; later ones, and Valkey, name it.
_COMMAND = re.compile(
    r"(?:User (?P<user>\S+)|this user) has no permissions to run the '(?P<it>[^'\s]+)"
)
_UNKNOWN = re.compile(r"unknown (?:sub)?command[ `']+(?P<it>[^`',. ]+)", re.IGNORECASE)
_SCRIPT = re.compile(r"ACL failure in script|The user executing the script can't")
"""What servers say of what a script may not do; before Redis 7.2 they do not say which command."""

_PLACES = {"channel": "&", "key": "~"}


class Denied(Unsupported):
    """The server does not let us ask; `fix` says what would allow it."""


class Untold(Denied):
    """The server answers, but leaves out what we asked for, as managed ones do."""


def denial(error: BaseException | None, prefix: str) -> Denied | None:
    """Say what is denied and what would allow it; `None` where the error is of another sort."""
    text = str(error)
    if isinstance(error, NoPermissionError) or _SCRIPT.search(text):
        return _forbidden(text, prefix)
    if isinstance(error, ResponseError) and "EXEC without MULTI" in text:  # redis-py tells the last
        return Denied("this user may not run MULTI", "ACL SETUSER <user> +multi")
    found = _UNKNOWN.search(text)
    if found and found["it"].upper() == "HELLO":  # redis-py tells it by several types
        return Denied(
            "this server has no HELLO, as before Redis 6, and redis-py asks for RESP3",
            'Write the host as {"address": URL, "socket_timeout": None, "protocol": 2}.',
        )
    if found and isinstance(error, ResponseError):
        return Denied(
            f"this server has no {found['it'].upper()}: it was renamed or switched off",
            "Remove its `rename-command` from the server's configuration, where it is yours.",
        )
    return None


def _forbidden(text: str, prefix: str) -> Denied:
    if found := _COMMAND.search(text):
        user = found["user"] or "<user>"
        return Denied(
            f"this user may not run {found['it'].upper().replace('|', ' ')}",
            f"ACL SETUSER {user} +{found['it']}",
        )
    if "command or subcommand" in text:
        return Denied(
            "this user may not run all commands of our script",
            "ACL SETUSER <user> +@sortedset +ttl +expire",
        )
    place = "channel" if "channel" in text else "key"
    return Denied(
        f"this user may not look at every {place} under the prefix",
        f"ACL SETUSER <user> {_PLACES[place]}{prefix}*",
    )
