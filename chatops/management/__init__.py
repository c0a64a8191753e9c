"""Doors through manage.py."""
