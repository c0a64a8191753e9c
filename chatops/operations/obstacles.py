"""What stands between a browser and a socket, and how to get it out of the way."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from chatops.errors import hidden
from chatops.model.answer import Closed, Obstacle, Shut
from chatops.model.finding import Finding
from chatops.model.rules.application import HANDSHAKE
from chatops.model.visit import Visit, shown
from chatops.operations.refusals import Words, left, refused
from chatops.operations.statuses import answered
from chatops.visit import Door, Socket, opened

_ONCE_MORE = 1.0
"""Seconds for a last question, where the time for the handshake is over."""

_OTHER = {"ws": "wss", "wss": "ws"}

_CODES = {
    1000: ("a normal end", "Let the consumer keep the socket open."),
    1001: ("the server is going away", "Try again; the server is stopping or starting anew."),
    1002: ("a protocol error", "See whether a proxy on the way changes frames."),
    1003: ("data that it does not take", "Send what the consumer reads: text or bytes."),
    1006: (
        "no word: the server cut it, as uvicorn does when a consumer raises",
        "See the server's log for the consumer's traceback; CHO002 and CHO301 name usual causes.",
    ),
    1008: ("a policy", "See what connect() asks for; give credentials with --header."),
    1009: ("a message that is too big", "Send less, or raise the server's limit."),
    1011: (
        "an exception in the consumer",
        "See the server's log for the consumer's traceback; CHO002 and CHO301 name usual causes.",
    ),
    1012: ("a restart", "Try again."),
    1013: ("too much load", "Try again later."),
}


def meaning(closed: Closed) -> tuple[str, str]:
    """Say what a close code means, and what to do."""
    own = ("a code of the application's own", "Look it up where the consumer calls close().")
    said, fix = _CODES.get(closed.code, own)
    reason = f", “{closed.reason}”" if closed.reason else ""
    return f"{closed.code} ({said}{reason})", fix


async def obstacle(visit: Visit, door: Door, answer: Shut, until: float) -> Finding:
    """Say why the door stayed shut; asks again where only another question can tell.

    `until` is the loop's time at which patience ends, over all of these questions.
    """
    if await _other_scheme(door, answer, until):
        scheme = urlsplit(door.url).scheme
        speaks = "TLS" if scheme == "ws" else "no TLS"
        return HANDSHAKE.fail(
            f"{scheme}:// was asked of a port that speaks {speaks}",
            f"Use {shown(_swapped(door.url))}",
        )
    if answer.status == 403:  # noqa: PLR2004 - HTTP
        detail, fix = await refused(visit, door, answer, until)
    elif answer.obstacle is Obstacle.HTTP:
        detail, fix = answered(door.url, answer)
    else:
        detail, fix = _UNANSWERED[answer.obstacle](visit, answer)
    return HANDSHAKE.fail(hidden(detail), hidden(fix))


def _swapped(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme=_OTHER[parts.scheme]))


async def _other_scheme(door: Door, answer: Shut, until: float) -> bool:
    """Tell whether the port speaks TLS where we spoke plain, or the reverse."""
    secure = door.url.startswith("wss:")
    # Daphne waits for the end of a line, which TLS never sends.
    odd = {Obstacle.TLS, Obstacle.SILENT} if secure else {Obstacle.NO_ANSWER}
    if answer.obstacle not in odd and not (not secure and answer.status == 400):  # noqa: PLR2004 - nginx on a TLS port
        return False
    # A plain server that said 400 may wait for more of what TLS says, for ever.
    doubtful = answer.obstacle in {Obstacle.SILENT, Obstacle.HTTP}
    patience = _ONCE_MORE if doubtful else left(until)
    if not patience:
        return False
    async with opened(replace(door, url=_swapped(door.url)), patience) as other:
        if secure:
            return isinstance(other, Socket) or other.obstacle is Obstacle.HTTP
        proofs = {Obstacle.HTTP, Obstacle.CERTIFICATE}
        return isinstance(other, Socket) or other.obstacle in proofs


def _unknown_host(visit: Visit, answer: Shut) -> Words:
    detail = f"the host {visit.host} has no address: {answer.said}"
    return detail, "Correct the host in the URL, or its DNS entry."


def _unreachable(visit: Visit, answer: Shut) -> Words:
    port = urlsplit(visit.url).netloc.rpartition("@")[2]
    fix = f"Start the server, let it listen where {port} leads, and open its port."
    return f"nobody answers: {answer.said}", fix


def _silent(visit: Visit, answer: Shut) -> Words:
    del visit, answer
    return (
        "no answer to the handshake in time",
        (
            "Let connect() of the consumer call accept() or close(); see whether the "
            "layer is away, which it may wait for, and whether a firewall drops what is sent."
        ),
    )


def _certificate(visit: Visit, answer: Shut) -> Words:
    return (
        f"the certificate is not trusted: {answer.said}",
        (
            f"Give the server a certificate for {visit.host} from an authority that browsers "
            "trust; where it is your own authority, run this with SSL_CERT_FILE=ca.pem."
        ),
    )


def _tls(visit: Visit, answer: Shut) -> Words:
    del visit
    return f"TLS failed: {answer.said}", "See the server's settings for TLS versions and ciphers."


def _no_answer(visit: Visit, answer: Shut) -> Words:
    del visit
    return (
        f"the answer is not that of a WebSocket server: {answer.said}",
        "See which server listens there, and its log.",
    )


def _proxy(visit: Visit, answer: Shut) -> Words:
    return (
        f"the proxy of this machine's environment failed: {answer.said}",
        f"Correct http_proxy and https_proxy, or set NO_PROXY={visit.host}",
    )


_UNANSWERED: dict[Obstacle, Callable[[Visit, Shut], Words]] = {
    Obstacle.UNKNOWN_HOST: _unknown_host,
    Obstacle.UNREACHABLE: _unreachable,
    Obstacle.SILENT: _silent,
    Obstacle.CERTIFICATE: _certificate,
    Obstacle.TLS: _tls,
    Obstacle.NO_ANSWER: _no_answer,
    Obstacle.PROXY: _proxy,
}
