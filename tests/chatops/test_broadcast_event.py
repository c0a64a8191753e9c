"""The event of a broadcast, as the project's own setting makes it."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.conf import Conf, read
from chatops.errors import BadSetting, BadValue
from chatops.model.event import Level, Saying
from chatops.model.target import Target
from chatops.project.event import wording

LOBBY = Target(room="lobby", group="chat_lobby")


def made(setting: Any, **saying: Any) -> dict[str, Any]:
    return wording(Conf(broadcast_event=setting), Saying(**{"message": "hi", **saying}))(LOBBY)


def test_the_message_is_filled_in_once() -> None:
    template = {"type": "t", "data": [{"text": "{room}: {message}"}], "n": 1}

    event = made(template, message="{room} {id} {x}")

    assert event == {"type": "t", "data": [{"text": "lobby: {room} {id} {x}"}], "n": 1}


def test_the_default_is_a_system_message_of_the_chats() -> None:
    saying = Saying(message="hi", level=Level.CRITICAL, sender="Ann")

    event = wording(read({}), saying)(LOBBY)

    assert event == {
        "type": "chat.system",
        "text": "hi",
        "level": "critical",
        "from": "Ann",
        "id": saying.id,
        "at": saying.at,
    }


def test_nobody_is_named_by_none_and_the_level_is_info() -> None:
    template = {"type": "t", "from": "{from}", "told": "by {from}", "level": "{level}"}

    assert made(template) == {"type": "t", "from": None, "told": "by ", "level": "info"}


@pytest.mark.parametrize(
    ("template", "same"), [({"type": "t", "a": ["{message}"]}, True), ({"type": "{room}"}, False)]
)
def test_an_event_without_the_room_is_the_same_for_all(template: Any, same: bool) -> None:  # noqa: FBT001
    assert wording(Conf(broadcast_event=template), Saying(message="hi")).same is same


def test_one_broadcast_has_one_id_and_one_time() -> None:
    make = wording(Conf(broadcast_event={"type": "t{room}", "id": "{id}{at}"}), Saying(message="x"))

    assert make(LOBBY)["id"] == make(Target(room="b", group="b"))["id"]


def shout(message: str, room: str) -> dict[str, str]:
    return {"type": "shout", "text": f"{room}: {message.upper()}"}


def levelled(message: str, room: str, level: str, **more: Any) -> dict[str, Any]:
    return {"type": "t", "level": level, **more}


def broken(message: str, room: str) -> dict[str, str]:
    raise ZeroDivisionError(message)


def test_a_callable_makes_the_event() -> None:
    assert made(f"{__name__}.shout") == {"type": "shout", "text": "lobby: HI"}


def test_a_callable_gets_what_it_takes() -> None:
    event = made(f"{__name__}.levelled", level=Level.WARNING, sender="Ann")

    assert event == {"type": "t", "level": "warning", "sender": "Ann"}


def test_a_callable_that_fails_is_named() -> None:
    with pytest.raises(BadSetting, match="ZeroDivisionError"):
        made(f"{__name__}.broken")


@pytest.mark.parametrize("event", [{"type": "t", "text": "{message}"}, f"{__name__}.shout"])
@pytest.mark.parametrize(
    ("asked", "told"), [({"level": Level.INFO}, "--level"), ({"sender": "Ann"}, "--from")]
)
def test_what_has_no_place_in_the_event_is_refused(
    event: Any, asked: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadValue, match=f"{told}: CHATOPS\\['BROADCAST_EVENT'\\] has no place"):
        made(event, **asked)


def test_a_type_given_replaces_the_projects() -> None:
    assert made({"type": "t"}, type="other")["type"] == "other"


@pytest.mark.parametrize("event", [{"text": "{message}"}, {"type": 3}])
def test_an_event_without_a_type_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(BadSetting, match="type"):
        made(event)


def test_a_whole_event_goes_out_as_it_is() -> None:
    event = {"type": "{message}", "n": [1, {"a": None}]}

    assert made({"type": "t"}, event=event) == event


def test_an_empty_message_is_refused() -> None:
    with pytest.raises(BadValue, match="empty"):
        made({"type": "t"}, message=" \n")
