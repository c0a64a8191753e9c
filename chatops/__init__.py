"""Diagnostics and administration for any Django channel layer."""

__version__ = "0.1.0"
