"""What the verbs share: errors as sentences, progress, and output to the right stream."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from entrepot.documents import csv_text
from entrepot.shell import for_shell

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from entrepot.types import Progress

# One process, one thread: the matrices of a solve are too small to share, and threads cost more than they save.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
# To look for plugins pydantic would read the entry points of everything that is installed; none matters to a verb.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


@contextmanager
def reported() -> Iterator[None]:
    """Print an error as one sentence on standard error, and exit with the code for its kind."""
    from entrepot.errors import ConvergenceError, EntrepotError, StoreError

    try:
        show_warnings_plainly()
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except (ConvergenceError, StoreError) as error:
        fail(str(error), 1)
    except EntrepotError as error:
        fail(str(error), 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader closed the pipe
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        from entrepot.languages import translated

        fail(translated("the output cannot be written: {reason}", reason=error.strerror), 1)
    except KeyboardInterrupt:
        fail("interrupted; what was written is whole", 130)


@contextmanager
def progress(of: str = "scenarios") -> Iterator[Progress]:
    """Show a spinner on standard error once a task has taken half a second, if that is a terminal."""
    import time

    screen = console(error=True)
    began = time.monotonic()
    status = screen.status("")
    shown = False

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal shown
        if screen.is_terminal and time.monotonic() - began > 0.5:
            count = f" ({done:,} of {total:,} {of} done)" if total else f" ({done:,} {of} done)" if done else ""
            status.update(stage + count)
            if not shown:
                status.start()
                shown = True

    try:
        yield tell
    finally:
        if shown:
            status.stop()


def show_warnings_plainly() -> None:
    """Print each warning from here on as one line on standard error."""
    import warnings

    def plainly(message: Warning | str, *_: Any, **__: Any) -> None:
        from entrepot.languages import translated

        console(error=True).print(translated("Note: {note}", note=message), style="yellow", soft_wrap=True)

    warnings.showwarning = plainly


def fail(message: str, code: int) -> NoReturn:
    """Print an error on standard error and exit with a code."""
    from entrepot.languages.translated_errors import translated_error

    console(error=True).print(f"entrepot: {translated_error(message)}", style="red", soft_wrap=True)
    raise typer.Exit(code)


def wrote(files: object) -> None:
    """Print on standard error which files were written."""
    from entrepot.languages import translated

    console(error=True).print(translated("Wrote {files}.", files=files), soft_wrap=True)


def wrote_report(report: object, tables: int) -> None:
    """Print on standard error that a report was written, and how many tables."""
    from entrepot.languages import translated

    with_tables = translated("{report} and {number} tables beside it", report=report, number=tables)
    wrote(with_tables if tables else report)


def show(what: Any, style: str | None = None) -> None:
    """Print on standard output."""
    from entrepot.report.terminal_text import Prose

    console().print(Prose(what) if isinstance(what, str) else what, style=style)


def print_json(document: Any, allow_nan: bool = True) -> None:
    """Print a document as JSON on standard output. Raises `ValueError` for a NaN that is not allowed."""
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=allow_nan) + "\n")


def print_csv(table: pd.DataFrame, index: bool = False) -> None:
    """Print a table as CSV on standard output."""
    sys.stdout.write(csv_text(table, index))


def print_data(
    form: str, document: Callable[[], Any], table: Callable[[], pd.DataFrame], allow_nan: bool = True
) -> bool:
    """Print a document as JSON or a table as CSV, made where `form` is that; return whether it is one of these."""
    if form == "json":
        print_json(document(), allow_nan)
    elif form == "csv":
        print_csv(table())
    return form in ("json", "csv")


def print_rows(rows: Sequence[Mapping[str, Any]], form: str, document: Any = None) -> bool:
    """Print rows as CSV, or as JSON (a document, if given, in their place); return whether `form` is one of these."""
    if form == "json":
        print_json(rows if document is None else document, allow_nan=False)
    elif form == "csv":
        import pandas as pd

        print_csv(pd.DataFrame(rows))
    return form in ("json", "csv")


def write_all_letters() -> None:
    """Write UTF-8 to files and pipes, whatever the locale; what a terminal cannot show is a question mark there.

    The encoding that PYTHONIOENCODING names is kept.
    """
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if stream.isatty() or os.environ.get("PYTHONIOENCODING"):
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")  # names of files keep their bytes


def replace_closed_streams() -> None:
    """Send what is written to a standard stream that the caller has closed to nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def console(error: bool = False) -> Console:
    """Return a console on standard output, or on standard error, 100 columns wide where that is not a terminal."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    if stream is None:  # closed by the caller
        stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    # What users write is text, never markup or emoji codes.
    return Console(file=stream, width=None if stream.isatty() else 100, markup=False, emoji=False, highlight=False)


def number_or_name(text: str | None) -> float | str | None:
    """Return an option's text as a number if it is one, else as it is."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def command_line() -> str:
    """Return the command that is running, quoted for a shell."""
    return for_shell(["entrepot", *sys.argv[1:]])
