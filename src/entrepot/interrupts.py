"""Stop a search or a sweep by SIGTERM as by Ctrl-C, so that finished work is kept, and end workers with their parent.

A program that a shell starts in the background ignores SIGINT, the signal of Ctrl-C. SIGTERM reaches it nevertheless.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Raise `KeyboardInterrupt` where SIGTERM arrives inside the block, or inside the decorated function.

    Nothing changes in a program that handles SIGTERM itself, in a worker process, and outside the main thread, where
    Python cannot set a handler.
    """
    from multiprocessing import parent_process

    main = threading.current_thread() is threading.main_thread() and parent_process() is None
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def end_with_parent() -> None:
    """End this worker process, whatever it does, when its parent ends: one that is killed leaves no worker behind."""
    from multiprocessing import parent_process

    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
