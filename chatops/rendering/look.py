"""How a tail's messages look."""

import base64
from dataclasses import dataclass
from enum import StrEnum

from chatops.rendering.template import Template


class Raw(StrEnum):
    """How bytes are written."""

    HEX = "hex"
    BASE64 = "base64"

    def told(self, payload: bytes | None) -> str | None:
        """Return the bytes as text, `None` where there were none on a wire."""
        if payload is None:
            return None
        return payload.hex() if self is Raw.HEX else base64.b64encode(payload).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A template instead of our lines, bytes instead of the event, times since the beginning."""

    template: Template | None = None
    raw: Raw | None = None
    relative: bool = False
