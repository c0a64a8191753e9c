"""What an HTTP answer to a WebSocket handshake means."""

from urllib.parse import urljoin, urlsplit

from chatops.model.answer import Shut
from chatops.model.visit import shown
from chatops.operations.refusals import Words

NGINX = (
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
    'proxy_set_header Connection "upgrade"; proxy_set_header Host $host;'
)
"""What nginx needs in the `location` of the sockets."""

_WSGI = ("wsgiserver", "gunicorn", "waitress", "uwsgi", "mod_wsgi")
_ASGI = ("daphne", "uvicorn", "hypercorn", "granian")
_LOST = (400, 404, 405, 426)


def answered(url: str, answer: Shut) -> Words:
    """Say what an HTTP answer other than 403 means."""
    status = answer.status or 0
    if answer.location and 300 <= status < 400:  # noqa: PLR2004 - redirects
        return _redirect(url, answer)
    if status in {502, 503, 504}:
        return (
            f"{answer.said} from {answer.server or 'a proxy'}: it cannot reach the server behind",
            "Start the ASGI server, and let the proxy's upstream name its address.",
        )
    if status == 500:  # noqa: PLR2004 - HTTP
        return (
            (
                f"{answer.said}: no route for {urlsplit(url).path}, no `websocket` in the "
                "ProtocolTypeRouter, or an exception before the socket was accepted"
            ),
            (
                "Correct the path, or the URLRouter; the server's log says “No route found”, "
                "“No application configured” or the exception."
            ),
        )
    if status == 200 or (status in _LOST and _is_http(answer)):  # noqa: PLR2004 - HTTP
        return _as_a_page(answer)
    if status in _LOST:
        return (
            (
                f"{answer.said}{_by(answer)}: no socket at {urlsplit(url).path}, or the request "
                "lost its Upgrade header on the way"
            ),
            f"Correct the path; behind nginx: {NGINX}",
        )
    return _refused(answer)


def _refused(answer: Shut) -> Words:
    said = f"{answer.said}{_by(answer)}"
    if answer.status == 401:  # noqa: PLR2004 - HTTP
        return (
            f"{said}: credentials are asked for",
            'Give them with --header "Authorization: …" or --header "Cookie: …".',
        )
    return f"{said} in place of a socket", "See the log of that server."


def _by(answer: Shut) -> str:
    return f" from {answer.server}" if answer.server else ""


def _is_http(answer: Shut) -> bool:
    """Tell whether the request was taken for that of a page."""
    named = answer.server.lower()
    return "html" in answer.media or any(each in named for each in (*_WSGI, *_ASGI))


def _as_a_page(answer: Shut) -> Words:
    named = answer.server.lower()
    said = f"{answer.said}{_by(answer)}: the handshake was answered like the request of a page"
    if any(each in named for each in _WSGI):
        return (
            f"{said}, by a WSGI server",
            (
                'Serve the site by ASGI: put "daphne" first in INSTALLED_APPS for runserver, or '
                "run daphne or uvicorn with the asgi module."
            ),
        )
    lost = f"Let the proxy pass the Upgrade header on; nginx: {NGINX}"
    if any(each in named for each in _ASGI):
        return (
            f"{said}; its Upgrade header was lost on the way, or uvicorn has no WebSocket library",
            f'{lost} For uvicorn: pip install "uvicorn[standard]"',
        )
    return (
        f"{said}; its Upgrade header was lost at a proxy, or a WSGI server stands behind",
        f"{lost} Behind it must be an ASGI server, such as daphne or uvicorn.",
    )


def _redirect(url: str, answer: Shut) -> Words:
    http = url.replace("ws", "http", 1)
    there = urljoin(http, answer.location).replace("http", "ws", 1)
    if urlsplit(there).path.rstrip("/") == urlsplit(url).path.rstrip("/"):
        fix = f"Use {shown(there)}"
    else:  # most often to a page where one logs in
        fix = (
            'Give the credentials that are asked for, such as --header "Cookie: sessionid=…", or '
            "see who redirects this path."
        )
    return (
        f"{answer.said} to {shown(answer.location)}: browsers do not follow this for a WebSocket",
        fix,
    )
