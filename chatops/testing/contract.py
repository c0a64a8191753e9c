"""What all contracts have in common: a test is a sentence, and a known fault is expected."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar

import pytest

from chatops.testing.elsewhere import Elsewhere, the_other_process

NONE_REPORTED = "none reported"
"""What stands in `expected` where upstream has no issue for a fault."""


class Contract:
    """Sentences that are tested, each in an event loop of its own; no plug-in is needed.

    `expected` names the tests that are known to fail, each with its upstream issue. One that
    passes all the same is a failure: the fault is gone, and so should be the entry. Of a test
    with parameters one case can be named, as in `a_message_comes_back_as_it_was[bytes]`.
    """

    expected: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        # Other people's tests in their subclasses stay as they are.
        if cls.__module__.startswith(f"{__package__}."):
            for name, test in list(vars(cls).items()):
                if inspect.iscoroutinefunction(test):
                    setattr(cls, name, _in_a_loop(test))
        names = (name.partition("[")[0] for name in cls.expected)
        if unknown := [name for name in names if not hasattr(cls, f"test_{name}")]:
            raise TypeError(f"{cls.__name__}.expected names what is no test: {unknown}")

    @pytest.fixture(autouse=True)
    def known(self, request: pytest.FixtureRequest) -> bool:
        """Tell whether this test is expected to fail, and have pytest hold it to that."""
        item: Any = request.node
        for name in (item.name, item.originalname):
            if issue := self.expected.get(name.removeprefix("test_")):
                item.add_marker(pytest.mark.xfail(reason=issue, strict=True))
                return True
        return False

    @pytest.fixture
    def elsewhere(self) -> Iterator[Elsewhere]:
        """Lend another process, with layers of its own."""
        process = the_other_process()
        yield process
        process.forget()


def _in_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a test of a `trial` in a new event loop, where the trial is cleaned up too."""

    @functools.wraps(test)
    def run(self: Contract, trial: AbstractAsyncContextManager[object], **fixtures: object) -> None:
        async def scene() -> None:
            async with trial:
                await test(self, trial, **fixtures)

        asyncio.run(scene())

    return run
