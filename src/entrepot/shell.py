"""Commands as text that a user copies into the shell of the system."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable


def for_shell(words: str | Iterable[str]) -> str:
    """Return one word, or the words of a command, quoted where the shell needs it: on Windows in double quotes."""
    listed = [words] if isinstance(words, str) else list(words)
    if os.name != "nt":
        return shlex.join(listed)
    from subprocess import list2cmdline

    return list2cmdline(listed)
