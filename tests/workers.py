"""Server processes of an application, as its layer sees them: members that read, or do not."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from processes import Process, short_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import redis

# What a consumer does: join groups and wait for messages, for as long as the process lives; some
# keep it busy.
SCRIPT = """
import asyncio, json, sys, time

from channels_redis import core, pubsub

KINDS = {"core": core.RedisChannelLayer, "pubsub": pubsub.RedisPubSubChannelLayer}


async def main(kind, config, groups):
    layer = KINDS[kind](**config)
    channel = await layer.new_channel()
    for group in groups:
        await layer.group_add(group, channel)
    print("process", channel, flush=True)
    while True:
        message = await layer.receive(channel)
        print("got", json.dumps(message), flush=True)
        if message["type"] == "wait":
            await asyncio.sleep(message["seconds"])
        if message["type"] == "block":
            time.sleep(message["seconds"])


asyncio.run(main(*map(json.loads, sys.argv[1:])))
"""


class Worker(Process):
    """A process with one member in each of its groups."""

    def __init__(self, folder: Path, kind: str, config: dict[str, Any], groups: list[str]) -> None:
        arguments = [json.dumps(kind), json.dumps(config), json.dumps(groups)]
        self.channel = ""
        super().__init__([sys.executable, "-c", SCRIPT, *arguments], folder, os.environ)

    def answers(self) -> bool:
        """Tell whether it has joined its groups."""
        return "process " in self.log and self.log.endswith("\n")

    def wait(self) -> None:
        """Return when it has joined its groups."""
        super().wait()
        self.channel = self.log.partition("process ")[2].split()[0]

    @property
    def name(self) -> str:
        """How its queue is named."""
        return self.channel.partition("!")[0] + "!"

    @property
    def got(self) -> list[Any]:
        """What reached its consumer so far."""
        return [json.loads(line[4:]) for line in self.log.splitlines() if line.startswith("got ")]


def bury(hosts: Sequence[redis.Redis], *dead: Worker) -> None:
    """End processes whose members joined a minute ago: no open connection is as old."""
    for worker in dead:
        worker.kill()
        for host in hosts:
            for key in host.scan_iter("*:group:*"):
                if host.zscore(key, worker.channel) is not None:
                    host.zadd(key, {worker.channel: time.time() - 60})


@contextmanager
def workers(
    count: int, url: str | list[str], *groups: str, kind: str = "core", **config: Any
) -> Iterator[list[Worker]]:
    """Run so many processes on one host or on several; they leave their members behind."""
    urls = [url] if isinstance(url, str) else url
    hosts = [{"address": each, "socket_timeout": None, "protocol": 2} for each in urls]
    with ExitStack() as stack:
        running = []
        for _ in range(count):
            folder = stack.enter_context(short_folder())
            worker = Worker(folder, kind, {"hosts": hosts, **config}, list(groups))
            worker.spawn()
            stack.callback(worker.kill)
            running.append(worker)
        for worker in running:
            worker.wait()
        yield running
