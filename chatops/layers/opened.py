"""A channel layer that is built and asked: how long it may take, and what its errors become."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from chatops.errors import LayerAway, LayerRaised, LayerRefused, Unsupported, foreign
from chatops.layers.build import build

PATIENCE = 5.0
"""Seconds that a layer may take for one answer."""

_LAST = 0.5
"""Seconds for each answer once the time for all of them is over, so that we can clean up."""

UNSERIALIZABLE = (TypeError, ValueError, OverflowError)
"""What serializers raise for an event that they cannot carry."""

_SLIPS = (LookupError, AttributeError, ArithmeticError, AssertionError, NameError)
"""What no server causes, but a mistake in the layer's own code."""

START = "Start the server, or correct its address."
"""What helps against most silences."""

_REPORT = "Report this to the authors of the channel layer: it is their code that raised."


class OpenedLayer:
    """One entry of CHANNEL_LAYERS.

    The layer itself is built at the first use, inside the running event loop, because that
    is where Channels' layers keep their connections.
    """

    def __init__(self, alias: str, backend: str) -> None:
        self.alias = alias
        self.backend = backend
        self._layer: Any = None
        self._deadline: float | None = None
        self.shared = False  # whether the layer is the one that all of this process uses
        self.vouched = False  # whether somebody says that the key and serializer are surely right
        self.looked: str | None = None  # as what, where a server alone was named

    def __str__(self) -> str:
        return f"{self.alias!r} ({self.backend})"

    @property
    def entry(self) -> dict[str, Any]:
        """What CHANNEL_LAYERS says of this layer."""
        from django.conf import settings  # noqa: PLC0415 - imports Django

        return dict(settings.CHANNEL_LAYERS[self.alias])

    @property
    def layer(self) -> Any:  # noqa: ANN401 - third parties' layers share no base class
        """The channel layer; raises `BrokenLayer` where its settings do not make one."""
        if self._layer is None:
            self._layer = self._built()
        return self._layer

    def _built(self) -> Any:  # noqa: ANN401
        return build(self.alias, self.backend, shared=self.shared)

    async def close(self) -> None:
        """Let go of what this adapter holds; safe where nothing was ever opened."""

    def answer_within(self, seconds: float) -> None:
        """Give the layer so long for everything that it is asked from now on, together."""
        self._deadline = asyncio.get_running_loop().time() + seconds

    @property
    def seconds_left(self) -> float:
        """What is left of the time that `answer_within` gave; `PATIENCE` where it gave none."""
        if self._deadline is None:
            return PATIENCE
        return max(0.0, self._deadline - asyncio.get_running_loop().time())

    def _patience(self, most: float) -> float:
        if self._deadline is None:
            return most
        return max(_LAST, min(most, self._deadline - asyncio.get_running_loop().time()))

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Translate what a library raises, and a silence longer than `PATIENCE`, into ours."""
        patience = self._patience(PATIENCE)
        try:
            async with asyncio.timeout(patience):
                with self._translated():
                    yield
        except TimeoutError as error:
            said = f"gave no answer within {patience:.2g} s{self._where()}."
            raise LayerAway(f"The channel layer {self} {said}", self._cure(error)) from error

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """As `answering`, for what the application asks of the layer just so."""
        with self._felt():
            async with self.answering():
                yield

    @contextmanager
    def _felt(self) -> Iterator[None]:
        try:
            yield
        except (LayerRaised, LayerRefused, Unsupported) as error:
            error.felt = True
            raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what the layer raises into ours; what says "not serializable" passes."""
        what = f"The channel layer {self} did not answer{self._where()}"
        try:
            with foreign(LayerAway, what, but=(TimeoutError, *UNSERIALIZABLE)):
                yield
        except LayerAway as error:
            if isinstance(slip := error.__cause__, _SLIPS):
                said = f"The channel layer {self} raised {slip!r}"
                raise LayerRaised(said, _REPORT) from slip
            error.fix = error.fix or self._cure(error.__cause__)
            raise

    def _cure(self, error: BaseException | None) -> str | None:
        """Say what would help against what a library raised, where that is known."""
        del error
        return None

    def _where(self) -> str:
        return ""
