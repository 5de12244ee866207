"""The report as PDF for paper, by WeasyPrint: the page without its longest tables, on A4."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from entrepot.cases import SolvedCase
from entrepot.documents import as_path, whole_file
from entrepot.errors import InputError
from entrepot.report.html_page import page


def write_pdf(study: SolvedCase, path: str | os.PathLike[str], command: str | None = None) -> Path:
    """Write the report as PDF; the file appears whole or not at all.

    Raises `InputError` where WeasyPrint, or the Pango library that it draws text with, is not installed.
    """
    target = as_path(path)
    check_pdf()
    from weasyprint import HTML

    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it warns of styles for screens, which paper has not
    with whole_file(target) as made:
        HTML(string=page(study, command, brief=True)).write_pdf(made)
    return target


def check_pdf() -> None:
    """Raise `InputError` where no PDF can be written."""
    try:
        import weasyprint  # noqa: F401
    except ImportError:
        raise InputError("PDF files need WeasyPrint: pip install 'entrepot[pdf]'") from None
    except OSError as error:
        raise InputError(
            f"WeasyPrint needs the library Pango of the system (libpango-1.0-0 on Debian): {error}"
        ) from None
