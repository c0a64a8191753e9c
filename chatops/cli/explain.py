"""The verb `explain`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import offline

if TYPE_CHECKING:
    from chatops.model.result import Result


@offline(examples="chatops explain CHO101\nchatops explain cho002 CHO004 --json\nchatops explain")
def explain(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Findings; without any, list all.")
    ] = None,
) -> Iterable["Result"]:
    """Say what a finding of `check` means, how it is found, and what to do."""
    # Here, because --help must not pay for it.
    from chatops.model.rules import RULES  # noqa: PLC0415
    from chatops.model.rules.choose import rule  # noqa: PLC0415
    from chatops.model.rules.title import title  # noqa: PLC0415

    return [rule(each) for each in ids] if ids else map(title, RULES.values())
