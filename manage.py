#!/usr/bin/env python
"""Django's door."""

import os
import sys


def main() -> None:
    """Run one of Django's management commands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - as Django writes it

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
