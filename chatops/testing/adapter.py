"""What an adapter of chatops promises."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from chatops.layers.base import LayerAdapter
from chatops.layers.choose import adapter
from chatops.testing.asking import Asking
from chatops.testing.looking import Looking
from chatops.testing.proving import Proving
from chatops.testing.rehearsal import Rehearsal

Left = Callable[[], object]


class AdapterContract(Proving, Looking, Asking):
    """That an adapter does what it declares, refuses the rest, and leaves nothing behind.

    A subclass gives `entry`, as in CHANNEL_LAYERS, for a backend that nobody else uses, and
    may give `away` and `left`. Django must be set up.
    """

    shared: ClassVar[bool] = True
    """Whether two objects made from one entry, also in two processes, are one layer."""

    @pytest.fixture
    def entry(self) -> Mapping[str, Any]:
        """Return what CHANNEL_LAYERS would say of this layer."""
        raise NotImplementedError("an AdapterContract needs a fixture `entry`")

    @pytest.fixture
    def away(self) -> Mapping[str, Any] | None:
        """Return an entry for a server that is not there, with "secret" as its password."""
        return None

    @pytest.fixture
    def left(self) -> Left | None:
        """Return a function that says all that is on the server now."""
        return None

    def adapter(self, alias: str) -> LayerAdapter:
        """Return the adapter for an alias of CHANNEL_LAYERS, unopened."""
        return adapter(alias)

    @pytest.fixture
    def trial(self, entry: Mapping[str, Any]) -> Rehearsal:
        """Return the adapter of one test, and an application beside it."""
        return Rehearsal(entry, self.adapter, shared=self.shared)
