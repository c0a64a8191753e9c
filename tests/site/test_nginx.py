"""The chat behind nginx, with the configuration that we hand out."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPSConnection
from typing import TYPE_CHECKING, Any

import pytest
from processes import ROOT, Process, free_port, short_folder
from proxies import self_signed
from servers import site, valkey
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from websockets.sync.client import ClientConnection

CONFIGURATION = (ROOT / "docs/nginx.conf").read_text("utf-8")
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/bin")

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx here: its tests do not run")

SOCKETS = 4
PRODUCTION = {
    "SECRET_KEY": "k" * 60 + "0123456789abcdef",
    "ALLOWED_HOSTS": "127.0.0.1",
    "TRUST_PROXY": "1",
    "CHAT_PROXIES": "1",
    "CHAT_SOCKETS": f"{SOCKETS}",
    "UVICORN_PROXY_HEADERS": "false",
    "UVICORN_WS": "chatsite.lean:Lean",
    "UVICORN_WS_PER_MESSAGE_DEFLATE": "false",
}


class Nginx(Process):
    """An nginx with our configuration, for one site, on a port of its own."""

    def __init__(self, folder: Path, behind: int) -> None:
        self.port, self.plain = free_port(), free_port()
        self.certificate = self_signed(folder, "127.0.0.1")
        changed = {
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            "/etc/ssl/chat.example.pem": str(self.certificate),
            "http://127.0.0.1:8000": f"http://127.0.0.1:{behind}",
        }
        ours = CONFIGURATION
        for shown, here in changed.items():
            assert shown in ours
            ours = ours.replace(shown, here)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "".join(f"{each}_temp_path {folder}/{each};" for each in kinds)
        whole = folder / "nginx.conf"
        whole.write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log stderr;"
            f"events {{}} http {{ access_log off; {paths}\n{ours}}}"
        )
        super().__init__([str(NGINX), "-c", str(whole), "-e", "stderr"], folder, {})

    def answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def trusting(self) -> ssl.SSLContext:
        """What a client needs to know to believe it."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def window(self, origin: str | None = None, **headers: str) -> ClientConnection:
        """Open a socket as a page of it does."""
        given: Any = origin or f"https://127.0.0.1:{self.port}"
        protocol: Any = ["chat.v2"]
        return connect(
            f"wss://127.0.0.1:{self.port}/ws/chat/lobby/",
            origin=given,
            subprotocols=protocol,
            ssl=self.trusting(),
            additional_headers=headers,
        )

    def get(self, path: str, **headers: str) -> str:
        """Return a page."""
        asking = HTTPSConnection("127.0.0.1", self.port, context=self.trusting(), timeout=60)
        try:
            asking.request("GET", path, headers=headers)
            answer = asking.getresponse()
            return f"{answer.status} {answer.getheader('Set-Cookie')} {answer.read()!r}"
        finally:
            asking.close()


@pytest.fixture(scope="module")
def nginx() -> Iterator[Nginx]:
    with (
        valkey() as broker,
        site(broker.url, server="uvicorn", env=PRODUCTION) as chat,
        _before(chat.port) as running,
    ):
        yield running
        assert "Traceback" not in chat.log


@contextmanager
def _before(port: int) -> Iterator[Nginx]:
    with short_folder() as folder:
        running = Nginx(folder, port)
        try:
            running.start()
            yield running
        finally:
            running.stop()


def heard(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next event of a kind."""
    while True:
        event = json.loads(socket.recv(30))
        for each in event["events"] if event["type"] == "batch" else [event]:
            if each["type"] == kind:
                return dict(each)


def refused(nginx: Nginx, origin: str | None = None, **headers: str) -> int:
    """Return the status that a handshake ends with."""
    with pytest.raises(InvalidStatus) as error:
        nginx.window(origin, **headers)
    return error.value.response.status_code


def test_what_is_said_in_one_window_is_seen_in_the_other(nginx: Nginx) -> None:
    with nginx.window() as ann, nginx.window() as bob:
        heard(ann, "history")
        heard(bob, "history")
        ann.send(json.dumps({"message": "good morning", "ref": "r1"}))

        assert heard(ann, "message")["mine"]
        assert heard(bob, "message")["message"] == "good morning"


def test_a_page_of_another_scheme_port_or_host_may_not_open_a_socket(nginx: Nginx) -> None:
    strangers = (
        f"http://127.0.0.1:{nginx.port}",
        f"https://127.0.0.1:{nginx.port + 1}",
        "https://elsewhere.example",
    )

    assert {refused(nginx, each) for each in strangers} == {403}


def test_what_a_client_says_of_its_scheme_is_not_believed(nginx: Nginx) -> None:
    forged = {"X-Forwarded-Proto": "http"}

    assert refused(nginx, f"http://127.0.0.1:{nginx.port}", **forged) == 403
    assert "Secure" in nginx.get("/accounts/login/", **forged)


def test_a_client_that_says_where_it_comes_from_is_bound_as_all_are(nginx: Nginx) -> None:
    with ExitStack() as stack:
        said = []
        for number in range(SOCKETS + 1):
            there = {"X-Forwarded-For": f"192.0.2.{number}"}
            window = stack.enter_context(nginx.window(**there))
            said.append(json.loads(window.recv(30)).get("code"))

    assert "crowded" in said


def test_without_tls_a_browser_is_led_to_it(nginx: Nginx) -> None:
    asking = HTTPConnection("127.0.0.1", nginx.plain, timeout=60)
    try:
        asking.request("GET", "/chat/lobby/")
        answer = asking.getresponse()

        assert answer.status == 301
        assert answer.getheader("Location") == "https://127.0.0.1/chat/lobby/"
    finally:
        asking.close()
