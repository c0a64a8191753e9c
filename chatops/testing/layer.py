"""What a channel layer promises."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from chatops.testing.flushing import Flushing
from chatops.testing.grouping import Grouping
from chatops.testing.limits import Limits
from chatops.testing.messages import Messages
from chatops.testing.naming import Naming
from chatops.testing.sending import Sending
from chatops.testing.sharing import Sharing
from chatops.testing.trial import Trial
from chatops.testing.working import Working


class LayerContract(Sending, Working, Grouping, Limits, Naming, Messages, Flushing, Sharing):
    """The channel-layer specification of Channels, and what Channels' consumers rely on.

    A subclass gives `entry`, as in CHANNEL_LAYERS, for a backend that nobody else uses: the
    tests flush it. It may need Django's settings, and a running server, from other fixtures.
    """

    shared: ClassVar[bool] = True
    """Whether two objects made from one entry, also in two processes, are one layer."""

    sharded: ClassVar[bool] = False
    """Whether channels that no process owns are spread over servers.

    Of these a reader sees some of the messages only, says the specification.
    """

    @pytest.fixture
    def entry(self) -> Mapping[str, Any]:
        """Return what CHANNEL_LAYERS would say of this layer."""
        raise NotImplementedError("a LayerContract needs a fixture `entry`")

    @pytest.fixture
    def trial(self, entry: Mapping[str, Any], known: bool) -> Trial:  # noqa: FBT001 - a fixture
        """Return the layers of one test."""
        return Trial(entry, shared=self.shared, sharded=self.sharded, known=known)
