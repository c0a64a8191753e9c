"""What a subscription of Redis brings, taken apart in bulk."""

import re
from collections.abc import Callable
from itertools import repeat
from typing import NamedTuple

_END = b"\r\n"
_HEAD = re.compile(
    rb"\*4\r\n\$8\r\npmessage\r\n\$(\d+)\r\n([^\r]*)\r\n\$(\d+)\r\n([^\r]*)\r\n\$", re.DOTALL
)
_MOST = 10_000
"""Heads that are remembered: who can publish can make up any number of them."""


class _Head(NamedTuple):
    """How a message of one channel by one pattern begins, and the group that it belongs to."""

    text: bytes
    group: str | None


class Whole(NamedTuple):
    """Messages that are whole: their groups and their payloads, side by side."""

    groups: list[str]
    payloads: list[bytes]


class Incoming:
    """Takes bytes as they come, and gives whole messages, each with its group.

    The server says how long each part is, so that no text in a message passes for another one.
    `group_of` decides by pattern and channel; what it gives `None` for is left out.
    """

    def __init__(self, group_of: Callable[[bytes, bytes], str | None]) -> None:
        self._group_of = group_of
        self._heads: dict[bytes, _Head] = {}
        self._head = _Head(_END, None)  # no message begins so
        self._starts = _Starts()
        self._is_steady = False
        self.forget()

    def forget(self) -> None:
        """Begin anew, with another connection."""
        self._parts: list[bytes] = []
        self._size = self._needed = 0

    @property
    def rest(self) -> bytes:
        """What came of a message that is not whole yet."""
        return b"".join(self._parts)

    def feed(self, data: bytes) -> Whole:
        """Return the messages that are whole now."""
        self._parts.append(data)
        self._size += len(data)
        if self._size < self._needed:
            return Whole([], [])
        buffer = data if len(self._parts) == 1 else self.rest
        found = Whole([], [])
        position, needed = self._messages(buffer, self._steadily(buffer, found), found)
        rest = buffer[position:]
        self._parts = [rest] if rest else []
        self._size, self._needed = len(rest), needed - position
        return found

    def _steadily(self, buffer: bytes, found: Whole) -> int:
        """Cut at what messages of one channel begin with; returns where the last begins.

        Nothing is found where another one came too, or a text only looks like a beginning: no
        piece may be shorter or longer than it says.
        """
        head, group = self._head
        if not (self._is_steady and buffer.startswith(head)):
            return 0
        *pieces, last = buffer.removeprefix(head).split(_END + head)
        starts = list(map(self._starts.__getitem__, map(len, pieces)))
        if not all(map(bytes.startswith, pieces, starts)):
            return 0
        if group is not None:
            found.payloads.extend(map(bytes.removeprefix, pieces, starts))
            found.groups.extend(repeat(group, len(pieces)))
        return len(buffer) - len(last) - len(head)

    def _messages(self, buffer: bytes, position: int, found: Whole) -> tuple[int, int]:
        """Find the whole messages from there on; returns where they end, and where the next may."""
        needed, heads = 0, 0
        size = len(buffer)
        (head, group), find = self._head, buffer.find
        begins, length = buffer.startswith, len(self._head.text)
        add_group, add_payload = found.groups.append, found.payloads.append
        while position < size:
            if not begins(head, position):
                if known := self._known(buffer, position):
                    self._head, heads = known, heads + 1
                    (head, group), length = known, len(known.text)
                elif reply := reply_at(buffer, position):
                    self._keep(reply[0], found)
                    position = reply[1]
                    continue
                else:
                    break
            start = find(_END, position + length)
            if start < 0:
                break
            end = start + 2 + int(buffer[position + length : start])
            if end + 2 > size:
                needed = end + 2
                break
            if group is not None:
                add_group(group)
                add_payload(buffer[start + 2 : end])
            position = end + 2
        self._is_steady = heads == 0
        return position, needed

    def _known(self, buffer: bytes, position: int) -> _Head | None:
        match = _HEAD.match(buffer, position)
        if match is None:
            return None
        if known := self._heads.get(match[0]):
            return known
        long, pattern, wide, channel = match.groups()
        if (int(long), int(wide)) != (len(pattern), len(channel)):
            return None  # a name with a line's end in it
        if len(self._heads) >= _MOST:
            self._heads.clear()
        known = self._heads[match[0]] = _Head(match[0], self._group_of(pattern, channel))
        return known

    def _keep(self, reply: list[bytes], found: Whole) -> None:
        match reply:
            case [b"pmessage", pattern, channel, payload]:
                if (group := self._group_of(pattern, channel)) is not None:
                    found.groups.append(group)
                    found.payloads.append(payload)


class _Starts(dict[int, bytes]):
    """How a payload is announced, by the size of that and of itself together."""

    def __missing__(self, size: int) -> bytes:
        if len(self) >= _MOST:
            self.clear()
        starts = (b"%d\r\n" % (size - 2 - digits) for digits in range(1, len(str(size)) + 1))
        fitting = (start for start in starts if int(start) + len(start) == size)
        self[size] = found = next(fitting, b"no payload has this size\r\n")
        return found


def reply_at(buffer: bytes, position: int) -> tuple[list[bytes], int] | None:
    """Read any reply; returns its parts and where it ends, `None` where it is not whole."""
    end = buffer.find(_END, position)
    if end < 0:
        return None
    parts = 1 if buffer[position : position + 1] != b"*" else int(buffer[position + 1 : end])
    position = end + 2 if buffer[position : position + 1] == b"*" else position
    found = []
    for _ in range(parts):
        end = buffer.find(_END, position)
        if end < 0:
            return None
        text, position = buffer[position:end], end + 2
        if text.startswith(b"$"):
            end = position + int(text[1:])
            if end + 2 > len(buffer):
                return None
            text, position = buffer[position:end], end + 2
        found.append(text)
    return found, position
