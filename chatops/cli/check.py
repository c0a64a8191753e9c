"""The verb `check`, which is also `manage.py layer_check`."""

from chatops.cli.options import verb
from chatops.cli.session import Session
from chatops.operations import check as operation


@verb(examples="chatops check\nchatops check --layer other --json")
def check(session: Session) -> None:
    """Smoke-test the channel layer: settings, round trips, groups, another process.

    Uses channels and groups of its own and leaves nothing behind.
    """
    session.show(operation.check(session.layer, session.source))
