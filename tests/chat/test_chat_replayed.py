"""What was recorded in one room and is sent to another one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgpack
from redis.asyncio import Redis
from talking import join
from watching import watch
from wire import CHANNEL

if TYPE_CHECKING:
    import servers


async def test_what_is_replayed_into_another_room_has_no_number_and_no_people_there(
    chat: servers.Site,
) -> None:
    async with (
        asyncio.timeout(60),
        watch(chat, "replayed") as here,
        Redis.from_url(chat.env["REDIS_URL"]) as redis,
        redis.pubsub() as recording,
    ):
        await recording.subscribe(CHANNEL.format("recorded"))
        async with join(chat, "recorded") as there:
            await there.ask({"message": "first", "ref": "r0"})
        bodies: dict[str, bytes] = {}
        while bodies.keys() < {"chat.people", "chat.message"}:
            got = await recording.get_message(ignore_subscribe_messages=True, timeout=1)
            if got:
                bodies[msgpack.unpackb(got["data"])["type"]] = got["data"]
        for body in bodies.values():
            await redis.publish(CHANNEL.format("replayed"), body)
        replayed = await here.next("message")
        said = await here.talk.ask({"message": "real", "ref": "r1"})

    assert (replayed["number"], replayed["message"], replayed["ref"]) == (None, "first", None)
    assert (said["number"], said["ref"]) == (1, "r1")
    assert [frame["count"] for frame in here.frames if frame["type"] == "people"] == [1]
