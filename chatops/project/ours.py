"""Whose a channel layer on this machine is."""

from chatops.model.source import LayerSource


def is_ours(source: LayerSource) -> bool:
    """Tell whether nobody but us uses it: its settings are for development, or it has none."""
    from django.conf import settings  # noqa: PLC0415 - set up by now

    return source.url is not None or bool(settings.DEBUG)
