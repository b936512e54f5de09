"""`python -m stsbench` and the `stsbench` command."""

from __future__ import annotations

import sys

from stsbench.host.process import own_process, reached_end


def main() -> None:
    """Run the command line; Ctrl-C at any moment ends with exit code 130."""
    own_process()
    try:
        from stsbench.cli.printing.streams import shown_streams
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
        code = 130
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    else:
        code = 0
    reached_end(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
