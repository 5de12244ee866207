"""Stop a search or a sweep by SIGTERM and SIGHUP as by Ctrl-C, keeping finished work; end workers with their parent.

A program that a shell starts in the background ignores SIGINT, the signal of Ctrl-C. SIGTERM reaches it nevertheless. A
terminal that is closed sends SIGHUP.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: Signals that end a program by default; Windows has no SIGHUP.
STOPPING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Raise `KeyboardInterrupt` where a signal of `STOPPING` arrives inside the block or the decorated function.

    Nothing changes for a signal that the program handles or ignores itself (as under nohup), in a worker process, and
    outside the main thread, where Python cannot set a handler.
    """
    from multiprocessing import parent_process

    main = threading.current_thread() is threading.main_thread() and parent_process() is None
    ours = [one for one in STOPPING if main and signal.getsignal(one) is signal.SIG_DFL]
    for one in ours:
        signal.signal(one, _stopped)
    try:
        yield
    finally:
        for one in ours:
            signal.signal(one, signal.SIG_DFL)


def _stopped(number: int, frame: object) -> None:
    """Raise `KeyboardInterrupt`; a terminal that closes sends SIGHUP twice, and the second leaves the end in peace."""
    if number != signal.SIGTERM:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def end_with_parent() -> None:
    """End this worker process when its parent ends, whatever it does, and at no signal of the terminal.

    Ctrl-C and SIGHUP reach the parent too, which decides whether what is begun is finished.
    """
    from multiprocessing import parent_process

    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
