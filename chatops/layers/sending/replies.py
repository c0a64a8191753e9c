"""What a server answers, read in bulk: RESP, as far as our commands need it."""

from collections.abc import Sequence
from typing import Any

from redis.exceptions import InvalidResponse, NoPermissionError, ReadOnlyError, ResponseError

Reply = Any
"""A number, bytes, `None`, a list of replies, or the `ResponseError` by which a server refused."""

_END = b"\r\n"
_TEXTS, _LISTS = frozenset(b"$="), frozenset(b"*~%>")
_MAP, _PUSH = b"%>"
_REFUSALS = {"NOPERM": NoPermissionError, "READONLY": ReadOnlyError}


class Replies:
    """Collects whole replies out of what is fed, however it is cut."""

    def __init__(self) -> None:
        self.whole: list[Reply] = []
        self.is_replica = False
        self._rest = b""
        self._open: list[tuple[list[Reply], int, bool]] = []  # items, how many, is it a push?

    def feed(self, data: bytes) -> None:
        """Read on; raises `InvalidResponse` for what is no reply."""
        try:
            self._read(self._rest + data)
        except ValueError as error:
            raise InvalidResponse(f"not a server of Redis's kind: {error}") from error

    def _read(self, data: bytes) -> None:
        if not self._open and data.endswith(_END) and (numbers := _numbers(data)) is not None:
            self.whole += numbers
            self._rest = b""
            return
        at = 0
        while (end := data.find(_END, at)) >= 0:
            mark, head = data[at], data[at + 1 : end]
            after = end + len(_END)
            if mark in _TEXTS and head != b"-1":
                stop = after + int(head)
                if len(data) < stop + len(_END):
                    break
                self._close(data[after:stop])
                after = stop + len(_END)
            elif mark in _LISTS and int(head) > 0:
                self._open.append(([], int(head) * (2 if mark == _MAP else 1), mark == _PUSH))
            else:
                self._close(_simple(data[at : at + 1], head))
            at = after
        self._rest = data[at:]

    def _close(self, value: Reply) -> None:
        """Put a value where it belongs, and all that is complete by it."""
        while self._open:
            items, size, is_push = self._open[-1]
            items.append(value)
            if len(items) < size:
                return
            self._open.pop()
            if is_push:  # told by the server, not an answer to us
                return
            value = items
        self.whole.append(value)
        self.is_replica |= isinstance(value, ReadOnlyError)


def _numbers(data: bytes) -> Sequence[int] | None:
    """Read what is nothing but numbers, in one go; `None` where it is more than that."""
    if not data.startswith(b":"):
        return None
    try:
        return list(map(int, data.replace(b"\r\n:", b" ")[1:-2].split()))
    except ValueError:
        return None


def _simple(mark: bytes, head: bytes) -> Reply:
    match mark:
        case b":":
            return int(head)
        case b"+":
            return head
        case b"-":
            word, _, told = head.decode(errors="replace").partition(" ")
            kind = _REFUSALS.get(word, ResponseError)
            return kind(told if word in {*_REFUSALS, "ERR"} else f"{word} {told}")
        case b"$" | b"_":
            return None
        case b"*" | b"~" | b"%":
            return [] if head == b"0" else None
        case _:
            raise ValueError(f"no reply: {mark + head!r}")
