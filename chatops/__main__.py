"""The door `chatops`, and `python -m chatops`."""

import sys


def main() -> None:
    """Hand argv to the command line."""
    try:
        # Inside, so that Ctrl-C is quiet from the start.
        from chatops.cli import collector  # noqa: PLC0415

        collector.rest()
        from chatops.cli import app  # noqa: PLC0415

        sys.exit(app.main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
