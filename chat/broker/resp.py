"""The bytes that a Redis server and its clients exchange, many commands and replies at once."""

from collections.abc import Iterable

from redis.exceptions import ResponseError

Reply = bytes | int | ResponseError | list["Reply"] | None

_BULK, _INTEGER, _ERROR, _ARRAY, _PUSH = b"$:-*>"


class _Short(Exception):
    """The rest of a reply has not come yet."""


def command(*words: bytes) -> bytes:
    """Return the bytes of one command."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)


def commands(each: Iterable[tuple[bytes, ...]]) -> bytes:
    """Return the bytes of several."""
    return b"".join(command(*words) for words in each)


def replies(data: bytes) -> tuple[list[Reply], bytes]:
    """Return the replies that are whole, and the bytes of the one that is not."""
    found: list[Reply] = []
    at = 0
    try:
        while at < len(data):
            reply, at = _reply(data, at)
            found.append(reply)
    except _Short:
        pass
    return found, data[at:]


def _reply(data: bytes, at: int) -> tuple[Reply, int]:
    end = data.find(b"\r\n", at)
    if end < 0:
        raise _Short
    kind, line, at = data[at], data[at + 1 : end], end + 2
    if kind == _BULK:
        if line == b"-1":
            return None, at
        end = at + int(line)
        if len(data) < end + 2:
            raise _Short
        return data[at:end], end + 2
    if kind == _INTEGER:
        return int(line), at
    if kind == _ERROR:
        return ResponseError(line.decode(errors="replace")), at
    if kind in (_ARRAY, _PUSH):
        parts: list[Reply] = []
        for _ in range(int(line)):
            part, at = _reply(data, at)
            parts.append(part)
        return parts, at
    return line, at
