"""What a listener makes of the bytes off the wire, however they come, and whatever is in them."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import TYPE_CHECKING

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.errors import LayerAway, LayerRefused
from chatops.layers.bare import packed
from chatops.layers.listening.decoding import unpacked
from chatops.layers.listening.draining import drained
from chatops.layers.listening.feed import Frame
from chatops.layers.listening.incoming import Incoming
from chatops.layers.listening.pour import Overrun, Pour
from chatops.layers.listening.spool import Spool, Word
from chatops.model.message import Hole

if TYPE_CHECKING:
    from collections.abc import Iterator

PATTERN = b"asgi__group__*"


def message(channel: bytes, payload: bytes) -> bytes:
    return packed(b"pmessage", PATTERN, channel, payload)


# Texts that look like what the server says, so that one may pass for the other.
spoofs = st.sampled_from(
    [b"\r\n", b"$5\r\nhello\r\n", message(b"asgi__group__spoof", b"spoof"), b"*4\r\n$8\r\npmessage"]
)
texts = st.lists(st.one_of(spoofs, st.binary(max_size=20)), max_size=4).map(b"".join)
channels = st.one_of(st.sampled_from([b"asgi__group__a", b"asgi__group__b"]), texts)
cuts = st.lists(st.integers(0, 2000), max_size=20)


def pieces(data: bytes, at: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(each % (len(data) + 1) for each in at)})
    return [data[start:end] for start, end in pairwise(places)]


@given(st.lists(st.tuples(channels, texts), max_size=20), cuts)
def test_messages_come_out_as_they_went_in_however_they_are_cut(
    messages: list[tuple[bytes, bytes]], at: list[int]
) -> None:
    incoming = Incoming(lambda _, channel: channel.decode("latin-1"))
    noise = b"", b"*2\r\n$4\r\npong\r\n$0\r\n\r\n", b"-NOPERM no\r\n", b":1\r\n"
    data = b"".join(message(*each) + noise[number % 4] for number, each in enumerate(messages))

    found = [incoming.feed(piece) for piece in pieces(data, at)]

    got = [pair for each in found for pair in zip(*each, strict=True)]
    assert got == [(channel.decode("latin-1"), payload) for channel, payload in messages]
    assert incoming.rest == b""


events = st.dictionaries(st.text(max_size=3), st.integers(0, 300) | st.text(max_size=3), max_size=3)


@given(st.lists(st.binary(max_size=30) | events.map(msgpack.packb), min_size=1, max_size=8))
def test_payloads_are_read_together_as_alone_or_not_at_all(payloads: list[bytes]) -> None:
    try:
        alone = list(map(msgpack.unpackb, payloads))
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - each is one of msgpack's
            unpacked(payloads)
    else:
        assert repr(unpacked(payloads)) == repr(alone)


def test_what_one_payload_lacks_another_cannot_bring() -> None:
    whole = msgpack.packb({"type": "t", "text": "x" * 20})

    with pytest.raises(ValueError):  # noqa: PT011 - as above
        unpacked([whole[:-9], whole[-9:] + whole, whole])


@given(st.lists(texts, min_size=1, max_size=20), st.lists(texts, max_size=3), cuts)
def test_what_came_of_one_channel_alone_comes_out_as_it_went_in(
    first: list[bytes], second: list[bytes], at: list[int]
) -> None:
    incoming = Incoming(lambda _, channel: channel.decode())
    sent = [(b"a", text) for text in first] + [(b"b", text) for text in second]
    sent += [(b"a", text) for text in first]

    data = b"".join(message(*each) for each in sent)
    found = [incoming.feed(piece) for piece in pieces(data, at)]

    got = [pair for each in found for pair in zip(*each, strict=True)]
    assert got == [(channel.decode(), payload) for channel, payload in sent]


@given(st.lists(channels, min_size=1, max_size=20))
def test_messages_of_unwanted_channels_are_left_out(names: list[bytes]) -> None:
    incoming = Incoming(lambda _, channel: "a" if channel.endswith(b"__a") else None)

    found = incoming.feed(b"".join(message(name, name) for name in names))

    assert found.payloads == [name for name in names if name.endswith(b"__a")]


@given(st.lists(st.tuples(st.lists(texts, max_size=5), st.booleans()), max_size=5))
def test_what_a_queue_gave_is_read_answer_by_answer(
    answers: list[tuple[list[bytes], bool]],
) -> None:
    said = b""
    for taken, waited in answers:
        said += packed(b"queue", b"first", b"1.5") if waited else b"*-1\r\n"
        said += packed(*(word for payload in taken for word in (payload, b"1.5")))
        said += b"$4\r\nmark\r\n"

    assert list(drained(said)) == [[b"first"] * waited + taken for taken, waited in answers]


# ---------------------------------------------------------------- between two processes


@pytest.fixture
def spool() -> Iterator[Spool]:
    own = Spool(1000)
    yield own
    own.close()


def taken(spool: Spool) -> list[Frame | Word]:
    return list(spool.take())


def test_frames_come_out_in_their_order_round_after_round(spool: Spool) -> None:
    sent, got = [], []
    for number in range(500):
        frame = Frame(1, 2.5, b"%d" % number * (number % 60), number)
        sent.append(frame)
        assert spool.put(frame)
        if number > 3:  # some are always left, so that the file never begins anew
            got.append(next(spool.take()))

    assert got + taken(spool) == sent
    assert os.fstat(spool._file.fileno()).st_size <= 1000


def test_what_does_not_fit_is_refused_and_changes_nothing(spool: Spool) -> None:
    assert spool.put(Frame(0, 1.0, b"x" * 900))
    left = spool.left

    assert not spool.put(Frame(0, 1.0, b"y" * 900))
    assert spool.left == left
    assert [frame.data[:1] for frame in taken(spool) if isinstance(frame, Frame)] == [b"x"]
    assert spool.put(Frame(0, 1.0, b"z" * 900))


def test_holes_and_errors_cross_with_all_they_say(spool: Spool) -> None:
    hole = Hole(seconds=1.5, reason="why", missed=3, group="g")
    spool.put(Frame(2, 1.0, hole=hole))
    spool.say(Word(LayerRefused("no", "do this")))
    spool.say(Word(None))

    frame, refused, ready = taken(spool)

    assert frame == Frame(2, 1.0, hole=hole)
    assert isinstance(refused, Word)
    assert type(refused.error) is LayerRefused
    assert isinstance(refused.error, LayerAway)
    assert (str(refused.error), refused.error.fix) == ("no", "do this")
    assert ready == Word(None)


def test_a_file_that_was_large_is_small_again_once_all_was_read() -> None:
    large = Spool(32 << 20)
    large.put(Frame(0, 1.0, b"x" * (16 << 20)))
    taken(large)
    large.put(Frame(0, 1.0, b"x"))

    assert os.fstat(large._file.fileno()).st_size < 1000
    assert len(taken(large)) == 1
    large.close()


class Silent:
    """A feed that is never listened to."""

    exact = False


def test_what_is_dropped_is_told_in_its_place_once_there_is_room(spool: Spool) -> None:
    pour = Pour(Silent(), spool)  # type: ignore[arg-type]
    for number in range(10):
        pour.add(Frame(0, 1.0, b"x" * 200, number))
    before = taken(spool)
    told = pour.look()
    pour.add(Frame(0, 1.0, b"after", 1))

    hole, after = taken(spool)

    assert [frame.messages for frame in before if isinstance(frame, Frame)] == [0, 1, 2, 3]
    assert isinstance(hole, Frame)
    assert hole.hole is not None
    assert hole.hole.missed == sum(range(4, 10))
    assert isinstance(after, Frame)
    assert after.data == b"after"
    assert told


def test_bytes_that_nobody_can_count_are_an_overrun(spool: Spool) -> None:
    feed = Silent()
    pour = Pour(feed, spool)  # type: ignore[arg-type]
    with pytest.raises(Overrun):  # noqa: PT012 - some fit
        for _ in range(10):
            pour.add(Frame(0, 1.0, b"x" * 200))
    taken(spool)
    pour.look()

    [frame] = taken(spool)

    assert isinstance(frame, Frame)
    assert frame.hole is not None
    assert frame.hole.missed is None
    assert not feed.exact
