"""What a layer promises of names: what Channels allows works, and the rest is a TypeError."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from channels.layers import BaseChannelLayer

from chatops.errors import BadValue, foreign
from chatops.testing.contract import Contract
from chatops.testing.trial import Trial

VALID = ("a", "0", "A-Z_a-z.0-9", "x" * 99)
INVALID: tuple[Any, ...] = ("", "a b", "ä", "a/b", "a:b", "a*", "x" * 101, b"bytes", None, 5)


async def _not_refused(
    call: Callable[[Any], Awaitable[object]], names: tuple[Any, ...]
) -> list[Any]:
    """Return the names for which the call does anything but raise a TypeError."""
    taken = []
    for name in names:
        try:
            with foreign(BadValue, "not a TypeError", but=(TypeError,)):
                async with asyncio.timeout(1):
                    await call(name)
        except TypeError:
            continue
        except BadValue as error:
            taken.append((name, str(error)))
        else:
            taken.append((name, "taken"))
    return taken


class Naming(Contract):
    """Names of channels and groups, as `channels.layers.BaseChannelLayer` checks them."""

    async def test_a_valid_name_of_a_group_works(self, trial: Trial) -> None:
        layer = trial.layer()
        for name in VALID:
            member = await trial.member(layer, name)
            await layer.group_send(name, {"type": "trial", "name": name})

            assert (await trial.received(layer, member))["name"] == name
            await layer.group_discard(name, member)

    async def test_the_names_of_new_channels_are_valid(self, trial: Trial) -> None:
        name = await trial.layer().new_channel()

        assert BaseChannelLayer().require_valid_channel_name(name)

    async def test_an_invalid_group_cannot_be_added_to(self, trial: Trial) -> None:
        layer = trial.layer()
        channel = await layer.new_channel()

        taken = await _not_refused(lambda name: layer.group_add(name, channel), INVALID)

        assert taken == []

    async def test_an_invalid_group_cannot_be_discarded_from(self, trial: Trial) -> None:
        layer = trial.layer()
        channel = await layer.new_channel()

        taken = await _not_refused(lambda name: layer.group_discard(name, channel), INVALID)

        assert taken == []

    async def test_an_invalid_group_cannot_be_sent_to(self, trial: Trial) -> None:
        layer = trial.layer()

        taken = await _not_refused(lambda name: layer.group_send(name, {"type": "t"}), INVALID)

        assert taken == []

    async def test_an_invalid_channel_cannot_be_sent_to(self, trial: Trial) -> None:
        layer = trial.layer()

        taken = await _not_refused(lambda name: layer.send(name, {"type": "t"}), INVALID)

        assert taken == []

    async def test_a_group_whose_name_ends_its_line_cannot_be_sent_to(self, trial: Trial) -> None:
        layer = trial.layer()

        taken = await _not_refused(lambda name: layer.group_send(name, {"type": "t"}), ("a\n",))

        assert taken == []

    async def test_an_invalid_channel_cannot_be_received_from(self, trial: Trial) -> None:
        layer = trial.layer()

        taken = await _not_refused(layer.receive, ("a b",))

        assert taken == []

    async def test_an_invalid_channel_cannot_join_a_group(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")

        taken = await _not_refused(lambda name: layer.group_add(group, name), INVALID)

        assert taken == []
