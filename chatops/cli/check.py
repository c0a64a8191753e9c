"""The verb `check`, which is also `manage.py layer_check`."""

from typing import TYPE_CHECKING

from chatops.cli.options import verb

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(examples="chatops check\nchatops check --layer other --json")
def check(session: "Session") -> None:
    """Smoke-test the channel layer: settings, round trips, groups, another process.

    Uses channels and groups of its own and leaves nothing behind.
    """
    # Here, because --help must not pay for it.
    from chatops.model.wanted import Wanted  # noqa: PLC0415
    from chatops.operations import check as operation  # noqa: PLC0415

    session.show(operation.check(session.layer, session.source, Wanted()))
