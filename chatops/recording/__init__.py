"""Recordings on disk: what a tail saw, as JSON lines that are read back exactly."""
