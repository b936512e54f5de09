"""`python -m stsbench` and the `stsbench` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; Ctrl-C at any moment ends with exit code 130."""
    try:
        from stsbench.cli.streams import shown_streams
        from stsbench.errors import StoreError

        try:
            with shown_streams():
                from stsbench.cli.app import app

                app()
        except StoreError as error:
            sys.stderr.write(f"error: {error}\n")
            sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
