"""Which messages are wanted."""

import re
from dataclasses import dataclass

from chatops.model.expression import Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Each one that all of these want; what is not given wants everything.

    `types` are globs, one of which must match. `grep` must be found in some text of the event.
    `sample` wants the first of so many that the others want.
    """

    where: Expression | None = None
    types: tuple[str, ...] = ()
    grep: re.Pattern[str] | None = None
    sample: int = 1
