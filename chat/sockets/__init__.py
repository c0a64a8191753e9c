"""Accepting WebSockets, and answering what comes by them."""
