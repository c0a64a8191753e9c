"""What each server of a layer says of itself: asked once, in one round trip a host."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from redis.asyncio import Redis

from chatops.errors import ChatopsError
from chatops.layers.broker.greeting import refusal
from chatops.layers.cures import is_full
from chatops.layers.denied import Denied, Untold, denial
from chatops.layers.redis import RedisAdapter, address
from chatops.model.finding import Finding, Status
from chatops.model.rules.broker import CLIENTS
from chatops.model.rules.rule import Rule

T = TypeVar("T")

_MOST = "maxclients"

_WORST = (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.OK, Status.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server's answers; looking at one that it did not give raises why.

    `ahead` is how many seconds our clock is ahead of the server's at the least.
    """

    name: str
    info_or_error: Mapping[str, Any] | ChatopsError
    limits_or_error: Mapping[str, str] | ChatopsError
    subscribers_or_error: Sequence[Mapping[str, str]] | ChatopsError
    ahead_or_error: float | ChatopsError

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a number or a text, as INFO has it
        """Return a field of INFO; raises `Untold` where it is left out."""
        if name not in self.fields:
            raise Untold(f"the server's INFO does not tell `{name}`")
        return self.fields[name]

    def get(self, name: str, default: int = 0) -> int:
        """Return a field of INFO that not every version has."""
        return int(self.fields.get(name, default))

    @property
    def fields(self) -> Mapping[str, Any]:
        """All that INFO says."""
        return _told(self.info_or_error)

    @property
    def limits(self) -> Mapping[str, str]:
        """What CONFIG GET says."""
        return _told(self.limits_or_error)

    @property
    def subscribers(self) -> Sequence[Mapping[str, str]]:
        """What CLIENT LIST says of those who subscribe."""
        return _told(self.subscribers_or_error)

    @property
    def ahead(self) -> float:
        """How many seconds our clock is ahead of the server's, at the least; negative: behind."""
        return _told(self.ahead_or_error)


def _told(answer: T | ChatopsError) -> T:
    if isinstance(answer, ChatopsError):
        raise answer
    return answer


async def servers(adapter: RedisAdapter) -> Sequence[Server]:
    """Ask all hosts at once; one that is away is its own answers' error."""
    return await asyncio.gather(*(_server(adapter, index) for index in range(len(adapter.hosts))))


async def _server(adapter: RedisAdapter, index: int) -> Server:
    name, client = address(adapter.hosts[index]), adapter.client(index)
    pipe = client.pipeline(transaction=False)
    pipe.info()
    if adapter.kind == "pubsub":  # the least that is needed: core has no use for these
        pipe.config_get("client-output-buffer-limit")
        pipe.client_list(_type="pubsub")
    try:
        async with adapter.answering():
            raw = await pipe.execute(raise_on_error=False)
        answers = [_answer(each, str(adapter.layer.prefix)) for each in raw]
    except ChatopsError as error:
        answers = [await refusal(adapter, index, error)] * 3
    none = Untold("not asked on this layer")
    info, limits, subscribers = [*answers, none, none][:3]
    if isinstance(info, dict) and _MOST not in info:
        info |= await _most(adapter, client)
    return Server(
        name=name,
        info_or_error=info,
        limits_or_error=limits,
        subscribers_or_error=subscribers,
        ahead_or_error=await _ahead(adapter, client),
    )


def _answer(answer: Any, prefix: str) -> Any:  # noqa: ANN401 - whatever the command gives
    if isinstance(answer, Exception):
        return denial(answer, prefix) or Denied(f"the server says: {answer}")
    return answer


async def _most(adapter: RedisAdapter, client: Redis) -> Mapping[str | None, str | None]:
    """Ask for what an old server's INFO leaves out; nothing where that may not be asked."""
    try:
        async with adapter.answering():
            return await client.config_get(_MOST)
    except ChatopsError:
        return {}


async def _ahead(adapter: RedisAdapter, client: Redis) -> float | ChatopsError:
    try:
        async with adapter.answering():
            before, started = time.time(), time.perf_counter()
            seconds, microseconds = await client.time()
            half = (time.perf_counter() - started) / 2
    except ChatopsError as error:
        return error
    ahead = before + half - (seconds + microseconds / 1e6)
    # The answer was made at some time in the round trip: what that explains is no difference.
    return max(0.0, ahead - half) if ahead > 0 else min(0.0, ahead + half)


def judged(rule: Rule, found_on: Sequence[Server], judge: Callable[[Server], Finding]) -> Finding:
    """Let the worst server decide; it is named where there are several."""
    found = [(server, _judged(rule, server, judge)) for server in found_on]
    server, worst = min(found, key=lambda each: _WORST.index(each[1].status))
    if len(found) == 1 or worst.status is Status.NONE:
        return worst
    return replace(worst, detail=f"{server.name}: {worst.detail}")


def _judged(rule: Rule, server: Server, judge: Callable[[Server], Finding]) -> Finding:
    try:
        return judge(server)
    except ChatopsError as error:
        if rule is CLIENTS and is_full(str(error)):
            return rule.fail(str(error))
        return refused(rule, error)


def refused(rule: Rule, error: ChatopsError) -> Finding:
    """Say what could not be asked, and what would allow it."""
    return rule.unknown(str(error), error.fix if isinstance(error, Denied) else None)
