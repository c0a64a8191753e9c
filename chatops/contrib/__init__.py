"""Doors for other people's probes."""
