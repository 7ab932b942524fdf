"""Start the command line: ``python -m lossbook``."""

from __future__ import annotations

import os
import sys

from lossbook.command_line import main


def run() -> int:
    """Run the command line in a terminal that may be old, or a pipe that may close early."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # such as of `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(run())
