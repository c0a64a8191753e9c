"""A real handshake with real servers, and with what stands before them."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from processes import free_port, short_folder
from proxies import saying, secured, self_signed, silent, stripping
from servers import site, valkey
from tutorial import Tutorial, folder_of_this_python
from websockets.asyncio.client import connect

from chatops.model.answer import Obstacle, Shut
from chatops.model.finding import Status
from chatops.model.visit import visit
from chatops.model.wanted import Wanted
from chatops.operations.handshake import front, handshake
from chatops.operations.obstacles import obstacle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers import Site

    from chatops.model.finding import Finding

CONSUMERS = """

class Closing(AsyncWebsocketConsumer):
    async def connect(self):
        await self.close()


class Raising(AsyncWebsocketConsumer):
    async def connect(self):
        raise RuntimeError("on purpose")


class Late(AsyncWebsocketConsumer):
    async def connect(self):
        await self.accept()
        raise RuntimeError("on purpose")


class Polite(AsyncWebsocketConsumer):
    async def connect(self):
        await self.accept()
        await self.close(4321)


class Waiting(AsyncWebsocketConsumer):
    async def connect(self):
        pass
"""

ROUTES = r"""

from channels.routing import URLRouter
from chat import consumers

names = ("Closing", "Raising", "Late", "Polite", "Waiting")
more = [re_path(f"ws/{each}/$", getattr(consumers, each).as_asgi()) for each in names]
routes = [re_path(r"ws/chat/(?P<room_name>\w+)/$", ChatConsumer.as_asgi()), *more]
open_to_all = ProtocolTypeRouter({"http": django_asgi_app, "websocket": URLRouter(routes)})
application = ProtocolTypeRouter({
    "http": django_asgi_app,
    "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(routes))),
})
"""

SERVERS = ("daphne", "uvicorn")
SAY = {"send": '{"message": "hi"}', "expect": "message == 'hi'"}


@contextmanager
def served(folder: Path, url: str, name: str = "daphne") -> Iterator[Tutorial]:
    """The tutorial's project, with consumers that say no, on one of the servers."""
    project = Tutorial(folder, "pubsub", url)
    with (project.folder / "chat/consumers.py").open("a") as consumers:
        consumers.write(CONSUMERS)
    with (project.folder / "mysite/asgi.py").open("a") as asgi:
        asgi.write(ROUTES)
    if name == "uvicorn":
        command = str(folder_of_this_python() / "uvicorn")
        project.command = [command, "--port", str(project.port), "mysite.asgi:application"]
        project.answers = lambda: "Uvicorn running" in project.log  # type: ignore[method-assign]
    try:
        yield project
    finally:
        project.stop()


@pytest.fixture(scope="module", params=SERVERS)
def running(request: pytest.FixtureRequest) -> Iterator[Tutorial]:
    with (
        valkey() as broker,
        short_folder() as folder,
        served(folder, broker.url, request.param) as project,
    ):
        project.start()
        yield project


@pytest.fixture(scope="module")
def daphne() -> Iterator[Tutorial]:
    with valkey() as broker, short_folder() as folder, served(folder, broker.url) as project:
        project.start()
        yield project


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as lent:
        yield lent


async def visited(url: str, patience: float = 20.0, **options: object) -> dict[str, Finding]:
    found = await handshake(visit(url, **options), Wanted(timeout=patience))  # type: ignore[arg-type]
    return {each.id: each for each in found}


def at(port: int, path: str = "ws/chat/lobby/", scheme: str = "ws") -> str:
    return f"{scheme}://127.0.0.1:{port}/{path}"


async def test_a_healthy_site_is_quiet(running: Tutorial) -> None:
    found = await visited(at(running.port), **SAY)

    assert {each.id: each.status for each in found.values()} == {
        "CHO311": Status.OK,
        "CHO312": Status.OK,
        "CHO313": Status.OK,
    }
    assert found["CHO311"].unit == found["CHO313"].unit == "ms"


async def test_without_something_to_say_nothing_has_to_come_round(running: Tutorial) -> None:
    found = await visited(at(running.port))

    assert found["CHO311"].status is Status.OK
    assert found["CHO313"].status is Status.NONE


async def test_a_refused_origin_is_told_from_a_consumer_that_refuses(running: Tutorial) -> None:
    foreign = await visited(at(running.port), origin="https://shop.example")
    consumer = await visited(at(running.port, "ws/Closing/"))

    assert "accepted with Origin http://127.0.0.1" in foreign["CHO311"].detail
    assert "'shop.example' to ALLOWED_HOSTS" in str(foreign["CHO311"].fix)
    assert "by the consumer, not for its Origin" in consumer["CHO311"].detail
    assert consumer["CHO312"].status is Status.UNKNOWN


async def test_a_host_that_is_not_allowed_is_named(folder: Path) -> None:
    with valkey() as broker, served(folder, broker.url) as project:
        with (project.folder / "mysite/settings.py").open("a") as settings:
            settings.write('\nALLOWED_HOSTS = ["example.com"]\n')
        project.start()

        found = await visited(at(project.port))

        named = await visited(at(project.port), origin="https://example.com")

    assert found["CHO311"].status is Status.FAIL
    assert "the Origin is refused" in found["CHO311"].detail
    assert "--origin https://example.com" in str(found["CHO311"].fix)
    assert "Add '127.0.0.1' to ALLOWED_HOSTS" in str(found["CHO311"].fix)
    assert named["CHO311"].status is Status.OK


async def test_a_site_without_a_validator_lets_strangers_in(folder: Path) -> None:
    with valkey() as broker, served(folder, broker.url) as project:
        project.command[-1] = "mysite.asgi:open_to_all"
        project.start()

        found = await visited(at(project.port))

    assert found["CHO311"].status is Status.OK
    assert found["CHO312"].status is Status.WARN
    assert "AllowedHostsOriginValidator" in str(found["CHO312"].fix)


@pytest.mark.parametrize("path", ["ws/nowhere/", "ws/Raising/"])
async def test_no_route_and_an_exception_give_500(running: Tutorial, path: str) -> None:
    found = await visited(at(running.port, path))

    assert f"no route for /{path}" in found["CHO311"].detail
    assert "or an exception" in found["CHO311"].detail


async def test_a_socket_closed_at_once_is_told_with_its_code(running: Tutorial) -> None:
    raised = await visited(at(running.port, "ws/Late/"))
    polite = await visited(at(running.port, "ws/Polite/"))

    code = "1011" if "daphne" in running.command[0] else "1006"
    assert f"closed at once with {code}" in raised["CHO311"].detail
    assert "the consumer's traceback" in str(raised["CHO311"].fix)
    assert "closed at once with 4321 (a code of the application's own)" in polite["CHO311"].detail


async def test_a_consumer_that_never_accepts_is_told(running: Tutorial) -> None:
    found = await visited(at(running.port, "ws/Waiting/"), patience=1.0)

    assert "no answer to the handshake in time" in found["CHO311"].detail
    assert "call accept()" in str(found["CHO311"].fix)


@pytest.mark.parametrize("expect", ["message", None])
async def test_what_a_consumer_dies_of_is_no_fault_of_the_handshake(
    running: Tutorial, expect: str | None
) -> None:
    found = await visited(at(running.port), send='{"no": "message"}', expect=expect)

    assert found["CHO311"].status is Status.OK
    assert found["CHO313"].status is Status.FAIL
    assert "the socket was closed with" in found["CHO313"].detail


async def test_a_message_that_does_not_match_is_shown(daphne: Tutorial) -> None:
    found = await visited(at(daphne.port), 2.0, send='{"message": "hi"}', expect="message == 'ho'")

    assert found["CHO313"].status is Status.FAIL
    assert 'the last: {"message": "hi"}' in found["CHO313"].detail


async def test_a_wsgi_server_is_named(folder: Path) -> None:
    with valkey() as broker, served(folder, broker.url) as project:
        runserver = ["manage.py", "runserver", "--noreload", f"127.0.0.1:{project.port}"]
        project.command = [str(folder_of_this_python() / "python"), *runserver]
        project.env["PYTHONUNBUFFERED"] = "1"
        project.answers = lambda: "Quit the server" in project.log  # type: ignore[method-assign]
        project.start()

        found = await visited(at(project.port))

    assert "by a WSGI server" in found["CHO311"].detail
    assert 'put "daphne" first in INSTALLED_APPS' in str(found["CHO311"].fix)


async def test_a_proxy_without_upgrade_headers_is_told(running: Tutorial) -> None:
    async with stripping(running.port) as port:
        found = await visited(at(port))

    assert "Upgrade header was lost" in found["CHO311"].detail
    assert "proxy_set_header Upgrade $http_upgrade;" in str(found["CHO311"].fix)


@pytest.mark.parametrize(
    ("status", "headers", "detail", "fix"),
    [
        ("502 Bad Gateway", ["Server: nginx"], "cannot reach the server behind", "Start the ASGI"),
        ("504 Gateway Timeout", [], "cannot reach the server behind", "Start the ASGI"),
        ("426 Upgrade Required", [], "lost its Upgrade header", "proxy_http_version 1.1;"),
        ("400 Bad Request", [], "lost its Upgrade header", "$http_upgrade"),
        ("200 OK", ["Content-Type: text/html"], "like the request of a page", "$http_upgrade"),
        (
            "301 Moved",
            ["Location: https://x.example/ws/chat/lobby/?token=s3cret"],
            "do not follow",
            "Use wss://x.example/ws/chat/lobby/?token=***",
        ),
        ("302 Found", ["Location: /login/?next=/ws/"], "do not follow", '--header "Cookie:'),
        ("401 Unauthorized", ["Server: nginx"], "credentials", '--header "Authorization:'),
        ("418 Teapot", [], "in place of a socket", "log of that server"),
    ],
)
async def test_what_a_proxy_says_is_explained(
    status: str, headers: list[str], detail: str, fix: str
) -> None:
    async with saying(status, *headers) as port:
        found = await visited(at(port))

    assert found["CHO311"].status is Status.FAIL
    assert status in found["CHO311"].detail
    assert detail in found["CHO311"].detail
    assert fix in str(found["CHO311"].fix)


async def test_nobody_there_is_told_from_a_host_without_address() -> None:
    nobody = await visited(at(free_port()))
    nowhere = await visited("ws://nowhere.invalid/ws/")

    assert "nobody answers" in nobody["CHO311"].detail
    assert "nowhere.invalid has no address" in nowhere["CHO311"].detail


async def test_a_host_that_dns_cannot_know_has_no_address() -> None:
    found = await visited(f"ws://{'a' * 70}.invalid/")

    assert "has no address" in found["CHO311"].detail


async def test_a_proxy_of_the_environment_that_says_no_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with saying("407 Proxy Authentication Required") as proxy:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://u:s3cret@127.0.0.1:{proxy}")

        found = await visited("ws://chat.invalid/")

    assert "the proxy of this machine's environment failed" in found["CHO311"].detail
    assert "NO_PROXY=chat.invalid" in str(found["CHO311"].fix)
    assert "s3cret" not in str(found)


async def test_a_proxy_that_is_away_is_named_and_this_machine_needs_none(
    daphne: Tutorial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://u:s3cret@127.0.0.1:{free_port()}")

    far = await visited("wss://chat.invalid/")
    here = await visited(at(daphne.port))

    assert "the proxy of this machine's environment failed" in far["CHO311"].detail
    assert "NO_PROXY=chat.invalid" in str(far["CHO311"].fix)
    assert "s3cret" not in str(far)
    assert here["CHO311"].status is Status.OK


async def test_where_time_is_over_nothing_more_is_asked() -> None:
    async with saying("403 Forbidden") as port:
        asked = visit(at(port))
        shut = Shut(obstacle=Obstacle.HTTP, said="403 Forbidden", status=403)
        over = asyncio.get_running_loop().time()
        found = await obstacle(asked, front(asked), shut, over)

    assert "by the check of the Origin, or by the consumer" in found.detail


@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_a_server_that_says_nothing_is_told(scheme: str) -> None:
    async with silent() as port:
        found = await visited(at(port, scheme=scheme), patience=0.5)

    assert "no answer to the handshake in time" in found["CHO311"].detail


async def test_a_certificate_that_nobody_trusts_is_told(daphne: Tutorial, folder: Path) -> None:
    async with secured(daphne.port, self_signed(folder, "127.0.0.1")) as port:
        found = await visited(at(port, scheme="wss"))

    assert "not trusted: self-signed certificate" in found["CHO311"].detail
    assert "SSL_CERT_FILE" in str(found["CHO311"].fix)


async def test_the_authority_that_the_fix_names_is_taken(
    daphne: Tutorial, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(folder, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    async with secured(daphne.port, certificate) as port:
        found = await visited(at(port, scheme="wss"))

    assert found["CHO311"].status is Status.OK


async def test_a_certificate_for_another_host_is_told(
    daphne: Tutorial, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(folder, "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    async with secured(daphne.port, certificate) as port:
        found = await visited(at(port, scheme="wss"))

    assert "IP address mismatch" in found["CHO311"].detail
    assert "a certificate for 127.0.0.1" in str(found["CHO311"].fix)


async def test_the_wrong_scheme_is_told_both_ways(running: Tutorial, folder: Path) -> None:
    async with secured(running.port, self_signed(folder, "127.0.0.1")) as port:
        plain = await visited(at(port))
        secure = await visited(at(running.port, scheme="wss"), patience=2.0)

    assert "a port that speaks TLS" in plain["CHO311"].detail
    assert str(plain["CHO311"].fix).startswith(f"Use wss://127.0.0.1:{port}/")
    assert "a port that speaks no TLS" in secure["CHO311"].detail
    assert str(secure["CHO311"].fix).startswith(f"Use ws://127.0.0.1:{running.port}/")


async def test_a_password_in_the_url_is_never_shown() -> None:
    async with saying("301 Moved", "Location: wss://u:s3cret@x.example/") as port:
        found = await visited(f"ws://u:s3cret@127.0.0.1:{port}/")

    assert "s3cret" not in str(found)


@pytest.fixture(scope="module")
def chat() -> Iterator[Site]:
    with valkey() as broker, site(broker.url, server="daphne") as running:
        yield running


async def test_a_message_of_our_own_chat_comes_round(chat: Site) -> None:
    found = await visited(chat.ws_url, chat="a room of its own".replace(" ", "-"))

    assert {each.status for each in found.values()} == {Status.OK}


async def test_what_the_chat_check_says_tells_who_it_is(chat: Site) -> None:
    async with connect(f"{chat.ws_url}/ws/chat/seen/", origin=chat.url) as guest:
        found = await visited(chat.ws_url, chat="seen")
        frames = []
        while not frames or frames[-1]["type"] != "message":
            frames.append(json.loads(await guest.recv()))

    assert found["CHO313"].status is Status.OK
    assert frames[-1]["from"] == "chatops check"
    assert "ignore" in frames[-1]["message"]


async def test_a_room_that_the_chat_does_not_have_is_told(chat: Site) -> None:
    found = await visited(chat.ws_url, chat="no room")

    assert found["CHO313"].status is Status.FAIL
    assert "the chat said no: " in found["CHO313"].detail
    assert "{" not in found["CHO313"].detail


async def test_rules_that_are_not_wanted_are_not_asked_about() -> None:
    visits: list[object] = []
    server = await asyncio.start_server(lambda *both: visits.append(both), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async with server:
        found = await handshake(visit(at(port)), Wanted(only=frozenset({"CHO101"}), timeout=1))

    assert found == visits == []


async def test_a_rule_that_is_skipped_says_nothing_in_the_room(running: Tutorial) -> None:
    async with connect(at(running.port), origin=f"http://127.0.0.1:{running.port}") as guest:  # type: ignore[arg-type]
        await handshake(visit(at(running.port), **SAY), Wanted(skip=frozenset({"CHO313"})))
        await guest.send('{"message": "mine"}')

        assert await guest.recv() == '{"message": "mine"}'
