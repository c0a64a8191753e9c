"""A channel layer without a project: all there is to say of it, beside a server's URL."""

from urllib.parse import SplitResult, urlsplit

from chatops.errors import BadValue
from chatops.model.source import LayerSource
from chatops.project.credentials import credentials

_SCHEMES = ("redis://", "rediss://", "unix://")
_BACKENDS = ("core", "pubsub")
_SERIALIZERS = ("msgpack", "json")
_ENCODE = (
    "Where a name or password has one of / ? # @ : in it, percent-encode it, "
    "or give it by CHATOPS_PASSWORD or --password-file."
)


def server(  # noqa: PLR0913 - each is one option, by name
    alias: str,
    url: str,
    called: str = "--url",
    *,
    backend: str | None = None,
    prefix: str | None = None,
    serializer: str | None = None,
    key_file: str | None = None,
    password_file: str | None = None,
) -> LayerSource:
    """Say how to open the layer on that server; raises `BadValue` for what is malformed.

    No message shows any part of the URL: what parses wrongly may be a password's.
    """
    _require_sound(url, called)
    found = credentials(password_file=password_file, key_file=key_file)
    return LayerSource(
        alias=alias,
        url=url,
        backend=_one_of(_BACKENDS, backend or "pubsub", "--backend"),
        prefix="asgi" if prefix is None else prefix,
        serializer=_one_of(_SERIALIZERS, serializer or "msgpack", "--serializer"),
        username=found.username,
        password=found.password,
        keys=found.keys,
        cautions=found.cautions,
    )


def _require_sound(url: str, called: str) -> None:
    if not url.startswith(_SCHEMES):
        raise BadValue(f"{called} must begin with {', '.join(_SCHEMES[:-1])} or {_SCHEMES[-1]}")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise BadValue(f"{called} has no valid host and port. {_ENCODE}") from None
    if problem := _problem(parts):
        raise BadValue(f"{called} {problem} {_ENCODE}")


def _problem(parts: SplitResult) -> str | None:
    if parts.scheme == "unix":
        return None if parts.path else "needs the path of a socket: unix:///run/redis.sock"
    # redis-py takes what is no number for database 0.
    if (database := parts.path.strip("/")) and not database.isdecimal():
        return "has no number as its database: redis://host:6379/0"
    return "has a # in it." if parts.fragment else None


def _one_of(known: tuple[str, ...], word: str, called: str) -> str:
    if word not in known:
        raise BadValue(f"{called} is {' or '.join(known)}, not {word!r}.")
    return word
