"""A tail as an operation, on real layers."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from application import Application, configure, opened
from broadcasts import collected
from servers import valkey

from chatops.conf import Conf
from chatops.errors import BadValue, LayerAway, TimeRanOut
from chatops.model.choice import Choice
from chatops.model.message import Gap, Message, Ready
from chatops.model.until import Until
from chatops.operations.tail import How, tail
from chatops.operations.tally import Tally
from chatops.project.rooms import Template, room_names
from chatops.project.scope import scope

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from chatops.layers.base import LayerAdapter

NAMES = room_names(Conf())


async def heard(
    layer: LayerAdapter, *words: str, is_group: bool = False, how: How | None = None, **until: Any
) -> AsyncGenerator[Any, None]:
    """What a tail of these rooms yields, one by one."""
    where = scope(NAMES, words, is_group=is_group)
    how = replace(how or How(), until=Until(**until))
    async for value in tail(layer, partial(layer.listen, where.watched), where, how):
        for each in [value] if isinstance(value, Ready) else value:
            yield each


async def tell(app: Application, *groups: str) -> None:
    for number, group in enumerate(groups):
        await app.layer.group_send(group, {"type": "t", "number": number})


async def chatter(app: Application) -> None:
    """Talk in the lobby, on and on."""
    while True:
        await tell(app, "chat_lobby")
        await asyncio.sleep(0.05)


async def test_tail_yields_what_is_sent_after_it_was_ready(
    layer: LayerAdapter, app: Application
) -> None:
    got: list[Any] = []
    async for value in heard(layer, "lobby", count=2):
        got.append(value)
        if isinstance(value, Ready):
            await tell(app, "chat_lobby", "chat_lobby")

    assert [type(each) for each in got] == [Ready, Message, Message]
    assert [each.body for each in got[1:]] == [
        {"type": "t", "number": 0},
        {"type": "t", "number": 1},
    ]
    assert (got[1].room, got[1].group, got[1].type) == ("lobby", "chat_lobby", "t")
    assert (got[0].room, got[0].group, got[0].watching) == ("lobby", "chat_lobby", ("lobby",))


async def test_several_rooms_are_named_and_nothing_else_is_heard(
    layer: LayerAdapter, app: Application
) -> None:
    sent = ["chat_other", "chat_b", "news", "chat_a"]
    got: list[Any] = []
    async for value in heard(layer, "a", "b", "a", count=2):
        got.append(value)
        if isinstance(value, Ready):
            await tell(app, *sent)

    assert (got[0].room, got[0].group, got[0].watching) == (None, None, ("a", "b"))
    assert [(each.room, each.group, each.body["number"]) for each in got[1:]] == [
        ("b", "chat_b", 1),
        ("a", "chat_a", 3),
    ]


@pytest.mark.parametrize(
    ("word", "is_group", "expected"),
    [
        ("support-*", False, ["support-1", "support-2"]),
        ("support-[!1]", False, ["support-2"]),
        ("*", False, ["lobby", "support-1", "support-2"]),
        ("*", True, ["lobby", "support-1", "support-2", "news"]),
        ("n*", True, ["news"]),
    ],
)
async def test_a_glob_is_over_rooms_or_with_group_over_groups(
    layer: LayerAdapter, app: Application, word: str, *, is_group: bool, expected: list[str]
) -> None:
    groups = ["chat_lobby", "chat_support-1", "chat_support-2", "news"]
    for group in groups:
        await app.join(group)
    got: list[Any] = []
    async for value in heard(layer, word, is_group=is_group, count=len(expected)):
        got.append(value)
        if isinstance(value, Ready):
            await tell(app, *groups)

    assert sorted(each.room or each.group for each in got[1:]) == sorted(expected)


async def test_tail_ends_when_its_time_is_over(layer: LayerAdapter) -> None:
    [ready] = await collected(heard(layer, "lobby", seconds=0.2))

    assert isinstance(ready, Ready)


async def test_tail_says_when_the_time_was_over_before_the_count(layer: LayerAdapter) -> None:
    with pytest.raises(TimeRanOut, match=r"0 of 3 messages came within 0\.2 s"):
        await collected(heard(layer, "lobby", count=3, seconds=0.2))


async def test_silence_ends_a_tail_that_has_heard_something(
    layer: LayerAdapter, app: Application
) -> None:
    got: list[Any] = []
    async for value in heard(layer, "lobby", idle=0.5, seconds=60):
        got.append(value)
        if isinstance(value, Ready):
            await tell(app, "chat_lobby")

    assert [type(each) for each in got] == [Ready, Message]


async def test_what_is_not_chosen_is_silence_and_does_not_count(
    layer: LayerAdapter, app: Application
) -> None:
    how = How(choice=Choice(types=("other",)))
    watching = heard(layer, "lobby", how=how, count=1, idle=0.3)
    await anext(watching)
    talking = asyncio.create_task(chatter(app))

    with pytest.raises(TimeRanOut, match=r"0 of 1 messages came before 0\.3 s without one"):
        await anext(watching)
    talking.cancel()


async def test_statistics_count_each_room(layer: LayerAdapter, app: Application) -> None:
    tally = Tally(apart=True)
    async for value in heard(layer, "a", "b", count=3, how=How(tally=tally)):
        if isinstance(value, Ready):
            await tell(app, "chat_a", "chat_b", "chat_a")

    found = tally.look(NAMES.room)
    assert [(each.room, each.messages) for each in found] == [("a", 2), ("b", 1)]
    assert found[0].bytes == 2 * found[0].largest > 0
    assert (tally.seen, tally.missed, tally.look(NAMES.room)) == (3, 0, [])


async def test_a_broker_that_comes_back_is_a_gap_and_not_an_end(settings: Any, kind: str) -> None:
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            got: list[Any] = []
            sender = Application("default")
            async for value in heard(layer, "lobby", count=1, seconds=60):
                got.append(value)
                if isinstance(value, Ready):
                    server.kill()
                    server.start()
                if isinstance(value, Gap) and value.seconds is not None:
                    await sender.layer.group_send("chat_lobby", {"type": "t"})
            await sender.layer.flush()

    assert [type(each) for each in got] == [Ready, Gap, Gap, Message]
    assert [each.reason for each in got[1:3]] == [
        "the layer does not answer",
        "the layer did not answer",
    ]
    assert [each.room for each in got[1:3]] == ["lobby", "lobby"]
    assert got[1].seconds is None
    assert got[2].seconds is not None


@pytest.mark.parametrize("kind", ["core"])
async def test_a_server_that_hangs_is_a_gap_too(
    settings: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.layers.opened.PATIENCE", 2.0)  # more than the blocking pop takes
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            got: list[Any] = []
            async for value in heard(layer, "lobby", seconds=60):
                got.append(value)
                if isinstance(value, Ready):
                    os.kill(server.pid, signal.SIGSTOP)
                    asyncio.get_running_loop().call_later(4, os.kill, server.pid, signal.SIGCONT)
                if isinstance(value, Gap) and value.seconds is not None:
                    break

    assert [type(each) for each in got] == [Ready, Gap, Gap]


async def test_a_server_that_stays_away_is_told_at_once_and_at_the_end(
    settings: Any, kind: str
) -> None:
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            watching = heard(layer, "lobby", seconds=1)
            got = [await anext(watching)]
            server.kill()
            got.append(await anext(watching))
            with pytest.raises(LayerAway, match="did not answer to the end"):
                await anext(watching)

    assert [type(each) for each in got] == [Ready, Gap]


# ---------------------------------------------------------------- what is watched


class Own:
    """Room names that are no template."""

    def group(self, room: str) -> str:
        return room[::-1]

    def room(self, group: str) -> str | None:
        return group[::-1]


@pytest.mark.parametrize(
    ("names", "word", "is_group", "glob"),
    [
        (Template("chat_", ""), "support-*", False, "chat_support-*"),
        (Template("chat_", ".x"), "a?b", False, "chat_a*.x"),
        (Template("a*", ""), "b*", False, "*"),
        (Own(), "b*", False, "*"),
        (Template("chat_", ""), "b[12]", True, "b*"),
    ],
)
def test_a_server_is_asked_for_no_more_than_it_takes(
    names: Any, word: str, *, is_group: bool, glob: str
) -> None:
    found = scope(names, [word], is_group=is_group)

    assert found.watched.globs == (glob,)
    assert found.only is None


@pytest.mark.parametrize("words", [[""], ["lobby", ""]])
def test_a_room_without_a_name_is_refused(words: list[str]) -> None:
    with pytest.raises(BadValue, match="'' is not a room's name"):
        scope(NAMES, words)
