"""What the site tells the person who started it."""


class BrokerError(Exception):
    """The embedded broker cannot be used; one line names the culprit and the way out."""
