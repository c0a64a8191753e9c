"""PUBLISH, packed by hand for many groups at once."""

from collections.abc import Iterator, Sequence

from chatops.layers.bare import packed

NUMPAT = packed(b"PUBSUB", b"NUMPAT")
_PUBLISH = b"*3\r\n$7\r\nPUBLISH\r\n$"
_PIECE = 1 << 15
"""Bytes that are packed while the server works on those before."""


def tail(payload: bytes) -> bytes:
    """Pack a payload as the end of a command, once for all that carry it."""
    return b"$%d\r\n%b\r\n" % (len(payload), payload)


def publish(start: str, groups: Sequence[str], tails: Sequence[bytes]) -> Iterator[bytes]:
    """Pack a PUBLISH for each group, between two NUMPAT, piece by piece as they are needed.

    `start` is how the Redis channel of a group begins.
    """
    most = len(_PUBLISH) + len(start) + len(groups[0]) + max(map(len, tails))
    many = max(1, _PIECE // most)
    yield NUMPAT
    for at in range(0, len(groups), many):
        some = slice(at, at + many)
        yield _together([f"{start}{group}".encode() for group in groups[some]], tails[some])
    yield NUMPAT


def _together(names: Sequence[bytes], tails: Sequence[bytes]) -> bytes:
    starts = [b"%d\r\n%b\r\n" % (len(name), name) for name in names]
    if tails.count(tails[0]) == len(tails):  # as in most broadcasts, and twice as fast
        return b"%b%b%b" % (_PUBLISH, (tails[0] + _PUBLISH).join(starts), tails[0])
    pairs = zip(starts, tails, strict=True)
    return b"".join([b"%b%b%b" % (_PUBLISH, start, end) for start, end in pairs])
