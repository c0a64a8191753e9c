"""The conformance suite on the layers that chatops knows, on real servers.

What is `expected` to fail are faults of channels 4.3.2 and channels_redis 4.3.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
import redis
from servers import valkey

from chatops.testing import NONE_REPORTED, LayerContract

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from servers import Valkey

CORE = "channels_redis.core.RedisChannelLayer"
PUBSUB = "channels_redis.pubsub.RedisPubSubChannelLayer"
ISSUES = "https://github.com/django/channels_redis/issues"
PULLS = "https://github.com/django/channels_redis/pull"


@pytest.fixture(scope="session")
def shard() -> Iterator[Valkey]:
    """A second server, for layers of several hosts."""
    with valkey() as running:
        yield running


@pytest.fixture(autouse=True)
def swept(server: Valkey, shard: Valkey) -> Iterator[None]:
    """Sweep away what a layer's own flush leaves."""
    yield
    for each in (server, shard):
        with redis.Redis.from_url(each.url) as client:
            client.flushall()


def entry_of(backend: str, *servers: Valkey, **config: object) -> dict[str, Any]:
    hosts = [{"address": each.url, "socket_timeout": None, "protocol": 2} for each in servers]
    return {"BACKEND": backend, "CONFIG": {"hosts": hosts, **config}}


class TestInMemory(LayerContract):
    shared = False
    expected: ClassVar = {
        # The regular expressions of channels end in $, which a line's end satisfies.
        "a_group_whose_name_ends_its_line_cannot_be_sent_to": NONE_REPORTED,
        # A queue is one channel's, though its name says that it is the process's.
        "the_channels_of_a_process_share_their_capacity": NONE_REPORTED,
        # The patterns are never compiled: any of them is a ValueError.
        "capacity_may_depend_on_the_channels_name": NONE_REPORTED,
        # Who empties a queue throws it away, with the others who wait for it.
        "a_message_on_a_normal_channel_has_one_reader": NONE_REPORTED,
    }

    @pytest.fixture
    def entry(self) -> Mapping[str, Any]:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}


class TestCore(LayerContract):
    expected: ClassVar = {
        "a_group_whose_name_ends_its_line_cannot_be_sent_to": NONE_REPORTED,
        # It deletes prefix*: prefix "asgi" wipes "asgi-staging" too.
        "flush_leaves_a_longer_prefix_alone": NONE_REPORTED,
        # … and a prefix with a glob's letters is not found at all.
        "flush_takes_its_prefix_literally": NONE_REPORTED,
        # All members of a process get one and the same dict.
        "what_one_member_changes_does_not_reach_another": NONE_REPORTED,
        # It drops the buffer of the channel.
        "a_receive_that_is_cancelled_as_its_message_comes_loses_nothing": f"{PULLS}/165",
    }

    @pytest.fixture
    def entry(self, server: Valkey) -> Mapping[str, Any]:
        return entry_of(CORE, server)


class TestCoreOverSeveralHosts(TestCore):
    sharded = True
    expected: ClassVar = {
        **TestCore.expected,
        # It sends to the host of the whole name, and receives from that of its beginning.
        "what_is_sent_to_a_channel_arrives_there": f"{ISSUES}/221",
        "what_is_sent_to_a_channel_keeps_its_order": f"{ISSUES}/221",
        "what_another_process_sends_to_a_channel_arrives_there": f"{ISSUES}/221",
    }

    @pytest.fixture
    def entry(self, server: Valkey, shard: Valkey) -> Mapping[str, Any]:
        return entry_of(CORE, server, shard)


class TestCoreInJson(TestCore):
    expected: ClassVar = {
        **TestCore.expected,
        # The specification wants bytes to be boxed where a serializer has none.
        "a_message_comes_back_as_it_was[bytes]": NONE_REPORTED,
    }

    @pytest.fixture
    def entry(self, server: Valkey) -> Mapping[str, Any]:
        return entry_of(CORE, server, serializer_format="json")


class TestCoreWithKeysAndAPrefix(TestCore):
    @pytest.fixture
    def entry(self, server: Valkey) -> Mapping[str, Any]:
        keys = ["the first key", "an older key"]
        return entry_of(CORE, server, symmetric_encryption_keys=keys, prefix="team.chat")


class TestPubSub(LayerContract):
    expected: ClassVar = {
        # No name is checked.
        "an_invalid_group_cannot_be_added_to": NONE_REPORTED,
        "an_invalid_group_cannot_be_discarded_from": NONE_REPORTED,
        "an_invalid_group_cannot_be_sent_to": NONE_REPORTED,
        "a_group_whose_name_ends_its_line_cannot_be_sent_to": NONE_REPORTED,
        "an_invalid_channel_cannot_be_sent_to": NONE_REPORTED,
        "an_invalid_channel_cannot_be_received_from": NONE_REPORTED,
        "an_invalid_channel_cannot_join_a_group": NONE_REPORTED,
        "a_new_channel_is_process_specific": NONE_REPORTED,
        # No message either.
        "what_is_no_dict_cannot_be_sent_to_a_channel": NONE_REPORTED,
        "what_is_no_dict_cannot_be_sent_to_a_group": NONE_REPORTED,
        # The options are taken, and ignored.
        "a_full_channel_refuses_by_channel_full": NONE_REPORTED,
        "a_full_channel_drops_what_is_sent_to_its_group": NONE_REPORTED,
        "the_channels_of_a_process_share_their_capacity": NONE_REPORTED,
        "capacity_may_depend_on_the_channels_name": NONE_REPORTED,
        "a_message_that_nobody_read_expires": NONE_REPORTED,
        "a_membership_expires": NONE_REPORTED,
        "the_expiry_of_memberships_is_told": NONE_REPORTED,
        # A cancelled receive unsubscribes.
        "a_cancelled_receive_loses_nothing_that_comes_later": NONE_REPORTED,
        # It closes this process's connections, and empties nothing.
        "flush_ends_memberships_for_every_client": NONE_REPORTED,
        # A normal channel is heard by all who listen, and by nobody before.
        "what_is_sent_to_a_normal_channel_waits_for_its_reader": f"{ISSUES}/299",
        "a_message_on_a_normal_channel_has_one_reader": f"{ISSUES}/299",
    }

    @pytest.fixture
    def entry(self, server: Valkey) -> Mapping[str, Any]:
        return entry_of(PUBSUB, server)


class TestPubSubOverSeveralHosts(TestPubSub):
    @pytest.fixture
    def entry(self, server: Valkey, shard: Valkey) -> Mapping[str, Any]:
        return entry_of(PUBSUB, server, shard)


class TestPubSubInJsonWithKeysAndAPrefix(TestPubSub):
    expected: ClassVar = {
        **TestPubSub.expected,
        "a_message_comes_back_as_it_was[bytes]": NONE_REPORTED,
    }

    @pytest.fixture
    def entry(self, server: Valkey) -> Mapping[str, Any]:
        keys = ["the first key", "an older key"]
        return entry_of(
            PUBSUB,
            server,
            symmetric_encryption_keys=keys,
            serializer_format="json",
            prefix="team.chat",
        )
