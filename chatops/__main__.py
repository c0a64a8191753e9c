"""The door `chatops`, and `python -m chatops`."""

import sys


def main() -> None:
    """Hand argv to the command line."""
    from chatops.cli.app import run  # noqa: PLC0415 - Typer is loaded by those who use it

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
