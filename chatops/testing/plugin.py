"""The fixtures of chatops: `pytest_plugins = ["chatops.testing.plugin"]` in a conftest.py."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatops.testing.expecting import Expectation


@pytest.fixture(name="expect_message")
def _expect_message() -> "Callable[..., Expectation]":
    """Return what expects a message in a room while a block runs."""
    from chatops.testing.expecting import expect_message  # noqa: PLC0415 - collecting is without

    return expect_message
