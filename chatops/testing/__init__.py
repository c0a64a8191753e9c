"""What a channel layer and an adapter of chatops promise, as tests that others run on theirs.

>>> class TestMyLayer(LayerContract):
...     @pytest.fixture
...     def entry(self):
...         return {"BACKEND": "my.Layer", "CONFIG": {}}

And `expect_message`, for the tests of projects. The only part of chatops that needs pytest.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from chatops.testing.adapter import AdapterContract
    from chatops.testing.contract import NONE_REPORTED
    from chatops.testing.expecting import expect_message
    from chatops.testing.layer import LayerContract

__all__ = ["NONE_REPORTED", "AdapterContract", "LayerContract", "expect_message"]

_ROOMS = {
    "AdapterContract": "adapter",
    "NONE_REPORTED": "contract",
    "LayerContract": "layer",
    "expect_message": "expecting",
}

pytest.register_assert_rewrite(*(f"{__name__}.{room.name}" for room in iter_modules(__path__)))


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as the module says above
    """Import what is asked for: a project's tests need not pay for those of layers."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
