"""What a channel layer and an adapter of chatops promise, as tests that others run on theirs.

>>> class TestMyLayer(LayerContract):
...     @pytest.fixture
...     def entry(self):
...         return {"BACKEND": "my.Layer", "CONFIG": {}}

The only part of chatops that needs pytest.
"""

from pkgutil import iter_modules

import pytest

pytest.register_assert_rewrite(*(f"{__name__}.{room.name}" for room in iter_modules(__path__)))

from chatops.testing.adapter import AdapterContract  # noqa: E402 - rewritten, so imported after
from chatops.testing.contract import NONE_REPORTED  # noqa: E402
from chatops.testing.layer import LayerContract  # noqa: E402

__all__ = ["NONE_REPORTED", "AdapterContract", "LayerContract"]
