"""Coroutines that are called like functions."""

from __future__ import annotations

import asyncio

import pytest

from chat.live.eager import begin


async def test_what_need_not_wait_is_done_at_once() -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("all")

    rest = begin(work())

    assert rest is None
    assert done == ["all"]


async def test_what_waits_goes_on_where_it_stopped() -> None:
    gate, done = asyncio.Event(), []

    async def work() -> None:
        done.append("first")
        await gate.wait()
        await asyncio.sleep(0)
        done.append("second")

    rest = begin(work())
    assert rest is not None
    assert done == ["first"]
    gate.set()
    await rest

    assert done == ["first", "second"]


async def test_what_is_raised_is_raised_at_once_or_later() -> None:
    gate = asyncio.Event()

    async def work(*, wait: bool) -> None:
        if wait:
            await gate.wait()
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - it has no message
        begin(work(wait=False))
    rest = begin(work(wait=True))
    assert rest is not None
    gate.set()

    with pytest.raises(OSError):  # noqa: PT011 - as above
        await rest


async def test_what_waits_can_be_cancelled() -> None:
    cancelled = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)

    rest = begin(work())
    assert rest is not None
    task = asyncio.ensure_future(rest)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert cancelled == [True]
