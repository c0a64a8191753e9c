"""How many queues were full: the core layer says so in a log record alone."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGER = logging.getLogger("channels_redis.core")


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.counts: list[int] = []

    def emit(self, record: logging.LogRecord) -> None:
        match record.args:
            case (int(over), int(), str()):  # of how many, in which group
                self.counts.append(over)


@contextmanager
def overflow() -> Iterator[list[int]]:
    """Collect, for each send in the block that met full queues, how many they were."""
    collector = _Collector()
    level = _LOGGER.level
    _LOGGER.addHandler(collector)
    if not _LOGGER.isEnabledFor(logging.INFO):
        _LOGGER.setLevel(logging.INFO)
    try:
        yield collector.counts
    finally:
        _LOGGER.setLevel(level)
        _LOGGER.removeHandler(collector)
