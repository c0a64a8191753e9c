"""What a broadcast has done, on the disk, so that another can go on from there.

One JSON object a line: a header, the targets, and then for each batch that it is about to be
sent, and what became of it. Each line is written whole before the next thing is done.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from chatops.errors import BadValue, Unwritable
from chatops.model.deliveries import Deliveries
from chatops.model.event import Saying
from chatops.model.target import Aim, Target
from chatops.operations.past import Past, State
from chatops.operations.plan import Plan, Planned

_BATCH = 1000


class Journal:
    """One broadcast's file, which is ours alone until it is closed.

    `saying` is what is said, with the id and the time of the first run. Raises `BadValue` for a
    file that is none of ours, is damaged, or is another broadcast's: it stays as it is then.
    """

    def __init__(self, file: Path, saying: Saying) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._descriptor: int | None = None
        self._past: Past | None = None
        self.saying = saying
        if file.exists() and (file.stat().st_size or file.is_dir()):
            self._open(os.O_RDWR | os.O_APPEND)
            try:
                self._go_on()
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _go_on(self) -> None:
        self._past = past = Past(self._file)
        self.saying = replace(self.saying, id=past.saying.id, at=past.saying.at)
        if self.saying != past.saying:
            raise BadValue(f"{self._file} is the journal of another message; {_WAY_OUT}.")

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @property
    def is_new(self) -> bool:
        """Tell whether nothing was sent by it yet."""
        return self._past is None

    def reading(self, aim: Aim, layer: str) -> Aim:
        """Return the same aim, whose words are noted as they are read."""
        self._note(layer, str(aim.is_group), *aim.but)

        def words() -> Iterator[str]:
            for word in aim.words:
                self._note(word)
                yield word

        return replace(aim, words=words())

    def _note(self, *words: str) -> None:
        for word in words:
            self._digest.update(f"{json.dumps(word)}\n".encode())

    def begin(self, plan: Plan) -> None:
        """Write down whom all of it is for, before anything is sent."""
        self._open(os.O_RDWR | os.O_APPEND | os.O_CREAT)
        assert self._descriptor is not None  # noqa: S101 - just opened
        if os.fstat(self._descriptor).st_size:
            raise BadValue(f"{self._file} was begun by another broadcast just now.")
        self._write(
            kind="journal",
            version=Past.VERSION,
            asked=self._digest.hexdigest(),
            targets=len(plan),
            saying=asdict(self.saying),
        )
        for batch in plan.batches(_BATCH):
            self._write(targets=[[each.target.room, each.target.group] for each in batch])

    def rest(self) -> Iterator[tuple[int, Target, State]]:
        """Yield each target of the first run, its place, and what became of it.

        Raises `BadValue` where `reading` has read other words than the first run did.
        """
        if self._past is None:
            return
        if self._past.asked != self._digest.hexdigest():
            raise BadValue(f"{self._file} is the journal of a broadcast to others; {_WAY_OUT}.")
        yield from self._past.targets()

    def sending(self, batch: Sequence[Planned]) -> None:
        """Write down that this is about to be sent."""
        self._write(sending=[each.place for each in batch])

    def ended(self, batch: Sequence[Planned], done: Deliveries) -> None:
        """Write down what became of it: what nobody got may be sent again, the rest never."""
        places: dict[str, list[int]] = {"sent": [], "empty": []}
        known = done.failed.keys() | done.unsure.keys() | done.dropped.keys()
        for position, each in enumerate(batch):
            if position not in known:
                places["empty" if done.is_empty(position) else "sent"].append(each.place)
        for word, found in (
            ("dropped", done.dropped),
            ("failed", done.failed),
            ("unsure", done.unsure),
        ):
            places[word] = [batch[position].place for position in found]
        self._write(**places)

    def _open(self, flags: int) -> None:
        try:
            self._descriptor = os.open(self._file, flags | os.O_CLOEXEC, 0o600)
        except OSError as error:
            said = f"--resume: {str(self._file)!r} cannot be opened: {error.strerror}"
            raise BadValue(said) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.close()
            raise BadValue(f"{self._file} is in use by another broadcast.") from error

    def _write(self, **line: Any) -> None:  # noqa: ANN401 - what JSON can say
        assert self._descriptor is not None  # noqa: S101 - begun, or read
        rest = memoryview(f"{json.dumps(line)}\n".encode())
        try:
            if self._past is not None and self._past.torn:
                os.ftruncate(self._descriptor, self._past.length)
                self._past.torn = False
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            said = f"--resume: {str(self._file)!r} cannot be written: {error.strerror}"
            raise Unwritable(said) from error


_WAY_OUT = "give what was given then, or name a new file"
