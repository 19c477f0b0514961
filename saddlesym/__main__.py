"""``python -m saddlesym``, and the program ``saddlesym``."""

import sys


def run() -> int:
    """Run the program; Ctrl-C ends it in one line, while its parts are being imported too."""
    try:
        from saddlesym.cli.main import main

        return main()
    except KeyboardInterrupt:
        sys.stderr.write("saddlesym: interrupted\n")
        return 130


if __name__ == "__main__":
    sys.exit(run())
