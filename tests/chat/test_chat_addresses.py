"""How many sockets one address may have, and whose address that is."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
import servers
from conftest import PRODUCTION
from talking import join, still_talks, until

from chat.live import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST, SECOND = "198.51.100.7", "203.0.113.9"


@pytest.fixture(scope="module", params=["uvicorn", "daphne"])
def proxied(broker: servers.Valkey, request: pytest.FixtureRequest) -> Iterator[servers.Site]:
    """A site behind one proxy, where an address may have three sockets."""
    env = {**PRODUCTION, "CHAT_SOCKETS": "3", "CHAT_PROXIES": "1"}
    with servers.site(broker.url, server=request.param, env=env) as running:
        yield running

        assert "Traceback" not in running.log


async def test_a_socket_too_many_from_one_address_is_told_so_and_no_other_is_disturbed(
    proxied: servers.Site,
) -> None:
    async with AsyncExitStack() as stack:
        first, *_ = [
            await stack.enter_async_context(join(proxied, forwarded=FIRST)) for _ in range(3)
        ]
        for path in ("/ws/chat/lobby/", "/ws/lobby/", "/ws/nowhere/"):
            async with join(proxied, path=path, forwarded=f"{SECOND}, {FIRST}") as more:
                refused, code = await more.next(), await more.closed()

            assert (refused["code"], code) == ("crowded", 4029)
            assert "close some" in refused["message"]
        await still_talks(first, "still here")
        async with join(proxied, forwarded=f"{FIRST}, {SECOND}") as other:
            await still_talks(other, "from elsewhere")


async def test_who_leaves_makes_room(proxied: servers.Site) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(join(proxied, "left", forwarded="192.0.2.1"))

    async def is_let_in() -> bool:
        async with join(proxied, path="/ws/chat/left/", forwarded="192.0.2.1") as again:
            return (await again.next())["type"] == "welcome"

    await until(is_let_in)


async def test_tries_to_sign_up_are_counted_by_the_address_behind_the_proxy(
    proxied: servers.Site,
) -> None:
    shown = proxied.manage(
        "shell", "--no-imports", "-v0", "-c",
        "from django.test import RequestFactory as R; from chat import tries;"
        "ask = lambda by: tries._keys(R().get('/', headers={'x-forwarded-for': by}), 'n');"
        f"print(ask('{FIRST}') == ask('{SECOND}'), ask('1.1.1.1, {FIRST}') == ask('{FIRST}'))",
    )  # fmt: skip

    assert shown.stdout.split() == ["False", "True"], shown.stderr


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "seen"),
    [
        ("10.0.0.1", "", 0, "10.0.0.1"),
        ("10.0.0.1", FIRST, 0, "10.0.0.1"),
        ("10.0.0.1", FIRST, 1, FIRST),
        ("10.0.0.1", f"{SECOND}, {FIRST}", 1, FIRST),
        ("10.0.0.1", f"6.6.6.6,{SECOND},{FIRST}", 2, SECOND),
        ("10.0.0.1", FIRST, 2, FIRST),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "unknown", 1, "10.0.0.1"),
        ("10.0.0.1", "\x00, , ,", 1, "10.0.0.1"),
        ("10.0.0.1", f"{FIRST}:4711", 1, FIRST),
        ("10.0.0.1", "[2001:db8:1:2::9]:443", 1, "2001:db8:1:2::/64"),
        ("10.0.0.1", "[2001:db8:1:2::9]", 1, "2001:db8:1:2::/64"),
        ("64:ff9b::198.51.100.7", "", 0, FIRST),
        ("", "", 0, ""),
        ("", FIRST, 1, FIRST),
        ("testclient", "", 0, ""),
        ("::ffff:198.51.100.7", "", 0, FIRST),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", 0, "2001:db8:1:2::/64"),
    ],
)
def test_an_address_is_what_the_outermost_proxy_saw(
    peer: str, forwarded: str, proxies: int, seen: str
) -> None:
    assert addresses.seen(peer, forwarded, proxies) == seen


def test_nobody_is_turned_away_without_a_bound_or_an_address() -> None:
    unbound, bound = addresses.Addresses(0), addresses.Addresses(1)

    assert all(unbound.come(FIRST) and bound.come("") for _ in range(1000))


def test_a_full_address_is_logged_once_with_the_way_out(caplog: pytest.LogCaptureFixture) -> None:
    bound = addresses.Addresses(1)
    free = [bound.come(FIRST) for _ in range(3)]
    for _ in free:
        bound.go(FIRST)

    assert free == [True, False, False]
    assert bound.come(FIRST)
    assert len(re.findall("CHAT_PROXIES", caplog.text)) == 1
