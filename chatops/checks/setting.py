"""Whether CHATOPS can be read."""

from django.conf import settings

from chatops.conf import read
from chatops.errors import BadSetting
from chatops.model.finding import Finding
from chatops.model.rules.settings import SETTING


def setting() -> Finding:
    """Read CHATOPS; what its dotted paths name is not imported."""
    given = getattr(settings, "CHATOPS", {})
    try:
        read(given)
    except BadSetting as error:
        return SETTING.fail(str(error))
    return SETTING.ok(f"it sets {', '.join(given)}" if given else "it is not set")
