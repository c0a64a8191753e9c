"""One test's adapter, and an application that uses the same layer."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import pytest
from django.test import override_settings

from chatops.layers.base import LayerAdapter
from chatops.model.room import GroupState
from chatops.testing.trial import Trial


class Rehearsal(Trial):
    """An adapter, opened in the loop of the test, and closed there."""

    def __init__(
        self, entry: Mapping[str, Any], opened: Callable[[str], LayerAdapter], *, shared: bool
    ) -> None:
        super().__init__(entry, shared=shared, sharded=False, known=False)
        self._opened = opened
        self._stack = AsyncExitStack()
        self.adapter: LayerAdapter

    async def __aenter__(self) -> Self:
        self.adapter = self.another()
        return self

    def another(self, entry: Mapping[str, Any] | None = None) -> LayerAdapter:
        """Return one more adapter, for another entry where one is given."""
        layers = {"default": dict(entry or self.entry)}
        self._stack.enter_context(override_settings(CHANNEL_LAYERS=layers))
        found = self._opened("default")
        self._stack.push_async_callback(found.close)
        return found

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()
        await super().__aexit__(kind, error, trace)

    def application(self) -> Any:  # noqa: ANN401 - layers share no base
        """Return the layer of a process of the application."""
        return self.layer() if self.shared else self.adapter.layer

    async def listed(self, group: str) -> GroupState | None:
        """Return what the adapter's list says of a group, `None` where it is not there."""
        found = [state async for state in self.adapter.groups() if state.group == group]
        assert len(found) <= 1, f"{group} is listed {len(found)} times"
        return found[0] if found else None


async def first(values: Callable[[], Any]) -> object:
    """Ask for the first value of what may be an iterator or an awaitable."""
    given = values()
    if isinstance(given, AsyncIterator):
        return await anext(given, None)
    return await given


def skipped_unless(condition: object, why: str) -> None:
    """Skip the test where there is nothing to try."""
    if not condition:
        pytest.skip(why)
