"""The signature of progress reports of imports and downloads."""

from __future__ import annotations

from collections.abc import Callable

#: Called as progress("what is being done", steps or bytes done, total, or 0 where the total is unknown).
Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Report no progress."""
