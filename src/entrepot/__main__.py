"""The command `entrepot`, which is `python -m entrepot`: the command line, loaded so that Ctrl-C ends it quietly."""

from __future__ import annotations

import signal
import threading


def main() -> None:
    """Run the command line; Ctrl-C ends the process without a traceback while it is loaded too."""
    own = threading.current_thread() is threading.main_thread()
    stops = own and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if stops:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from entrepot.cli import main as command_line

    if stops:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command_line()


if __name__ == "__main__":
    main()
