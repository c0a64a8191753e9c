"""Walking the ASGI application to its consumers."""

import functools
from typing import Any

import pytest
from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer, WebsocketConsumer
from channels.routing import ChannelNameRouter, ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

from chatops.errors import BrokenProject
from chatops.project.callable import takes_an_event
from chatops.project.handlers import consumers, nearest
from chatops.project.needed import needed


class Base(AsyncJsonWebsocketConsumer):
    async def chat_message(self, event: dict[str, Any]) -> None: ...


class Chat(Base):
    async def chat_system(self, event: dict[str, Any]) -> None: ...

    async def disconnect(self, code: int) -> None: ...

    async def let_in(self) -> None: ...

    async def receive_json(self, content: Any, **kwargs: Any) -> None: ...


class Worker(Base):
    @database_sync_to_async  # an object, not a function
    def chat_stored(self, event: dict[str, Any]) -> None: ...

    async def thumbnail_make(self, event: dict[str, Any]) -> None: ...


class Middleware:
    def __init__(self, inside: Any) -> None:
        self.anything = inside

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


def decorated(application: Any) -> Any:
    @functools.wraps(application)
    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        await application(scope, receive, send)

    del wrapped.__wrapped__
    vars(wrapped).clear()
    return wrapped


nested = URLRouter([path("b/", URLRouter([path("c/", Chat.as_asgi())]))])  # type: ignore[arg-type]
application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(decorated(Middleware(nested)))
        ),
        "channel": ChannelNameRouter({"thumbnails": Worker.as_asgi()}),
    }
)


def test_every_consumer_is_found_behind_routers_middleware_and_decorators(settings: Any) -> None:
    settings.ASGI_APPLICATION = f"{__name__}.application"

    assert {each.name for each in consumers()} == {f"{__name__}.Chat", f"{__name__}.Worker"}


@pytest.fixture
def chat(settings: Any) -> Any:
    settings.ASGI_APPLICATION = f"{__name__}.application"
    return next(each for each in consumers() if each.name.endswith("Chat"))


def test_own_and_inherited_handlers_count(chat: Any) -> None:
    assert chat.handles("chat.message")
    assert chat.handles("chat_system")


@pytest.mark.parametrize(
    "type_", ["chat.massage", "websocket.disconnect", "disconnect", "send", "close", "receive.json"]
)
def test_what_only_channels_calls_is_no_handler(chat: Any, type_: str) -> None:
    assert not chat.handles(type_)


def test_the_nearest_handler_is_named(chat: Any) -> None:
    assert nearest("chat.massage", [chat]) == f"'chat.message' of {__name__}.Chat"


def test_a_method_that_takes_no_event_is_no_handler(chat: Any) -> None:
    assert not chat.handles("let.in")


def test_a_wrapped_method_is_a_handler(chat: Any) -> None:
    worker = next(each for each in consumers() if each.name.endswith("Worker"))

    assert worker.handles("chat.stored")


def test_where_nothing_is_handled_nothing_is_nearest() -> None:
    assert nearest("chat.massage", []) is None


def test_a_project_without_an_application_has_no_consumers_to_ask(settings: Any) -> None:
    settings.ASGI_APPLICATION = None

    assert consumers() == []


def test_an_application_that_cannot_be_loaded_is_named(settings: Any) -> None:
    settings.ASGI_APPLICATION = "nowhere.application"

    with pytest.raises(BrokenProject, match="nowhere"):
        consumers()


# ---------------------------------------------------------------- what Channels can call


def hiding(function: Any) -> Any:
    def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


def keeping(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


class Odd(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    def plain(self, event: dict[str, Any]) -> None: ...

    async def streamed(self, event: dict[str, Any]) -> Any:
        yield event

    def handed_on(self, event: dict[str, Any]) -> Any:
        return self.send_json(event)

    @staticmethod
    async def static(event: dict[str, Any]) -> None: ...

    @classmethod
    async def of_class(cls, event: dict[str, Any]) -> None: ...

    @keeping
    async def kept(self, event: dict[str, Any]) -> None: ...

    @hiding
    async def hidden(self, event: dict[str, Any]) -> None: ...


class Threaded(WebsocketConsumer):  # type: ignore[misc]
    def plain(self, event: dict[str, Any]) -> None: ...

    async def awaited(self, event: dict[str, Any]) -> None: ...


@pytest.mark.parametrize(
    ("cls", "name", "can"),
    [
        (Odd, "plain", False),
        (Odd, "streamed", False),
        (Odd, "handed_on", True),
        (Odd, "static", True),
        (Odd, "of_class", True),
        (Odd, "kept", True),
        (Odd, "hidden", True),
        (Threaded, "plain", True),
        (Threaded, "awaited", False),
    ],
)
def test_what_channels_cannot_await_is_no_handler(cls: type, name: str, can: bool) -> None:  # noqa: FBT001
    assert takes_an_event(cls, name) is can


# ---------------------------------------------------------------- what a handler needs


class Reads(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    async def all_of_it(self, event: dict[str, Any]) -> None:
        for _ in event["list"]:
            await self.send_json([event["a"], event.get("b"), event["b"]])

    async def in_doubt(self, event: dict[str, Any]) -> None:
        if "a" in event:
            event["b"] = event["a"]
        if event["kind"] == "c":
            await self.send_json(event["c"] and event["d"])
        try:
            await self.send_json(event["e"])
        except KeyError:
            await self.send_json(event["kind"] or event["f"])

    async def by_another_name(self, message: dict[str, Any]) -> None:
        match message["kind"]:
            case "a":
                await self.send_json(message["a"] or self.scope["user"])

    @keeping
    async def decorated(self, event: dict[str, Any]) -> None:
        await self.send_json(event["a"])


class Inherits(Reads):
    pass


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("all_of_it", {"list", "a"}),
        ("in_doubt", {"kind"}),
        ("by_another_name", {"kind"}),
        ("decorated", set()),
        ("nowhere", set()),
    ],
)
def test_what_a_handler_reads_come_what_may_is_known(name: str, keys: set[str]) -> None:
    assert needed(Inherits, name) == keys
