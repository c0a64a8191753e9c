"""Whether anybody would see that messages were dropped."""

import logging
from collections.abc import Iterator

from django.conf import settings

from chatops.checks.serving import has_project
from chatops.model.finding import Finding
from chatops.model.rules.settings import LOGGED

_NAME = "channels_redis.core"
_ADDED = (
    'LOGGING.setdefault("handlers", {})["dropped"] = {"class": "logging.StreamHandler"}; '
    f'LOGGING.setdefault("loggers", {{}})["{_NAME}"] = {{"handlers": ["dropped"], "level": "INFO"}}'
)


def logged(kind: str | None) -> Finding:
    """Follow a record of the core layer's through the logging of this process."""
    if kind != "core":
        return LOGGED.none("this layer logs no drops")
    if not has_project():
        return LOGGED.none("there is no project, and so no LOGGING")
    if _is_shown():
        return LOGGED.ok(f"INFO of {_NAME} is shown")
    return LOGGED.warn(
        f"no handler shows INFO of the logger {_NAME}, the only word of a message that is dropped",
        _ADDED if settings.LOGGING else None,
    )


def _is_shown() -> bool:
    logger = logging.getLogger(_NAME)
    record = logger.makeRecord(_NAME, logging.INFO, _NAME, 0, "dropped", (), None)
    if not logger.isEnabledFor(logging.INFO) or not logger.filter(record):
        return False
    return any(_shows(handler, record) for each in _lineage(logger) for handler in each.handlers)


def _lineage(logger: logging.Logger) -> Iterator[logging.Logger]:
    """Yield every logger that a record of this one comes by."""
    yield logger
    while logger.propagate and logger.parent is not None:
        logger = logger.parent
        yield logger


def _shows(handler: logging.Handler, record: logging.LogRecord) -> bool:
    if isinstance(handler, logging.NullHandler) or record.levelno < handler.level:
        return False
    return bool(handler.filter(record))
