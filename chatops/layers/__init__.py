"""One adapter for each kind of channel layer."""
