"""Which groups a consumer's code joins."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer

from chatops.conf import Conf
from chatops.project.membership import groups_of
from chatops.project.rooms import room_names

PREFIX = "chat"
names = SimpleNamespace(group=lambda room: f"chat_{room}")


def group_of(room: str) -> str:
    return f"{PREFIX}_{room}"


async def enter(consumer: Any, room: str) -> None:
    await consumer.channel_layer.group_add(f"{PREFIX}_{room}", consumer.channel_name)


class Consumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    room: str

    async def add(self, group: str) -> None: ...


class Tutorial(Consumer):
    async def connect(self) -> None:
        self.room_group_name = None
        self.room_group_name = f"chat_{self.scope['url_route']['kwargs']['room_name']}"
        await self.channel_layer.group_add(self.room_group_name, self.channel_name)


class Synchronous(WebsocketConsumer):  # type: ignore[misc]
    def connect(self) -> None:
        self.group = "chat_%s" % self.scope["room"]  # noqa: UP031 - as the tutorial once had it
        async_to_sync(self.channel_layer.group_add)(self.group, self.channel_name)


class Formatted(Consumer):
    async def connect(self) -> None:
        group = "chat_{}".format(self.room)  # noqa: UP032 - as some write it
        await self.channel_layer.group_add(group=group, channel=self.channel_name)


class Added(Consumer):
    prefix = "chat_"

    async def connect(self) -> None:
        await self.channel_layer.group_add(self.prefix + self.room, self.channel_name)


class Overridden(Added):
    prefix = "talk_"


class ByProperty(Consumer):
    @property
    def group(self) -> str:
        return f"{PREFIX}_{self.room}"

    async def connect(self) -> None:
        await self.channel_layer.group_add(self.group, self.channel_name)


class ByMethod(Consumer):
    def name(self, room: str) -> str:
        return "chat_" + room

    async def connect(self) -> None:
        await self.channel_layer.group_add(self.name(self.room), self.channel_name)


class ByFunction(Consumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(group_of(self.room), self.channel_name)


class ByHelper(Consumer):
    async def connect(self) -> None:
        await enter(self, self.room)


class InALoop(Consumer):
    async def connect(self) -> None:
        for group in ("chat_a", "chat_b"):
            await self.channel_layer.group_add(group, self.channel_name)


class Either(Consumer):
    async def connect(self) -> None:
        group = "chat_a" if self.room else "chat_b"
        await self.channel_layer.group_add(group, self.channel_name)


class Declared(Consumer):
    groups = ["chat_a", "chat_b"]  # noqa: RUF012 - as Channels documents it


class SetInInit(Consumer):
    def __init__(self) -> None:
        super().__init__()
        self.groups = [f"chat_{self.room}"]


class Inherits(Tutorial):
    async def chat_message(self, event: Any) -> None: ...


CHATS = [
    *(Tutorial, Synchronous, Formatted, Added, ByProperty, ByMethod, ByFunction, ByHelper),
    *(InALoop, Either, Declared, SetInInit, Inherits),
]


@pytest.mark.parametrize("cls", CHATS)
def test_what_joins_chats_is_in_no_other_group(cls: type) -> None:
    groups = groups_of(cls)

    assert groups is not None
    assert any(re.fullmatch(each, "chat_a") for each in groups)
    assert not any(re.fullmatch(each, "news_a") for each in groups)


def test_a_constant_is_read_as_the_subclass_has_it() -> None:
    assert groups_of(Overridden) == ("talk_.*",)


class FromAParameter(Consumer):
    async def enter(self, group: str) -> None:
        await self.channel_layer.group_add(group, self.channel_name)


class FromElsewhere(Consumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(names.group(self.room), self.channel_name)


class Aliased(Consumer):
    async def connect(self) -> None:
        add = self.channel_layer.group_add
        await add("chat_a", self.channel_name)


class Computed(Consumer):
    @property
    def groups(self) -> Any:
        return [self.room]


class Converted(Consumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(f"{PREFIX!r}", self.channel_name)


class Unpacked(Consumer):
    async def connect(self) -> None:
        self.group = "chat_a"
        self.group, _ = self.room.split()
        await self.channel_layer.group_add(self.group, self.channel_name)


class Turning(Consumer):
    async def connect(self) -> None:
        self.group = self.group[1:]
        self.group = self.other
        self.other = self.group
        await self.channel_layer.group_add(self.other, self.channel_name)


class CallingItself(Consumer):
    def name(self) -> str:
        return self.name()

    async def connect(self) -> None:
        await self.channel_layer.group_add(self.name(), self.channel_name)


@pytest.mark.parametrize(
    "cls",
    [CallingItself, FromAParameter, FromElsewhere, Aliased, Computed, Converted, Unpacked, Turning],
)
def test_a_name_that_the_code_does_not_tell_may_be_any(cls: type) -> None:
    assert groups_of(cls) is None


def test_a_class_whose_code_cannot_be_read_may_join_any() -> None:
    code = (
        "class Consumer(Base):\n"
        "    async def connect(self):\n"
        "        await self.channel_layer.group_add('chat_a', self.channel_name)\n"
    )
    space: dict[str, Any] = {"Base": AsyncWebsocketConsumer, "__name__": "nowhere"}
    exec(code, space)  # noqa: S102 - a class without a file

    assert groups_of(space["Consumer"]) is None


def test_what_never_joins_a_group_joins_none() -> None:
    assert groups_of(Consumer) == ()


def test_our_own_consumer_joins_none_by_itself() -> None:
    from chat.consumers import Room  # noqa: PLC0415 - needs Django's settings

    assert groups_of(Room) == ()


def test_the_default_template_is_what_the_tutorial_joins() -> None:
    [pattern] = groups_of(Tutorial) or ()

    assert re.fullmatch(pattern, room_names(Conf()).group("lobby"))
