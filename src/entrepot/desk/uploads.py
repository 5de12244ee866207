"""Reading an upload: files and options of a form, written to a folder piece by piece as they arrive."""

from __future__ import annotations

import contextlib
import hashlib
import math
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from entrepot.data.published_sets import published, set_named
from entrepot.data.sources import sources
from entrepot.desk.http_problems import HttpProblem
from entrepot.desk.own_economies import not_kept
from entrepot.errors import UnknownNameError
from entrepot.languages import english

#: Endings of files that are read. A format that can hold programs, such as a pickle, is not among them.
ENDINGS = (
    *(".csv", ".tsv", ".txt", ".dat", ".dlm", ".zip", ".gz", ".xlsx", ".xlsb", ".xls", ".ods"),
    *(".parquet", ".dta", ".json", ".rds", ".rda", ".har"),
)
#: The most files and fields of one upload.
FILES, FIELDS = 20, 12
#: The most bytes of a field.
LONGEST = 2_000
#: The part of a form with the data; the others are options, three of which may be files too.
DATA = "files"
OPTIONS = ("source", "year", "theta", "name", "usd_per_unit", "own_sales", "sectors")
FILE_OPTIONS = ("tariffs", "theta", "own_sales", "sectors")
_CHUNK = 1 << 20


@dataclass
class Upload:
    """The files of an upload in a temporary folder, and its options.

    as_files  the options that are names of files in the folder;  digest  of all that was sent
    """

    folder: Path
    options: dict[str, Any] = field(default_factory=dict)
    as_files: list[str] = field(default_factory=list)
    digest: str = ""

    def document(self) -> dict[str, Any]:
        """Return what the worker needs."""
        return {"folder": str(self.folder), "options": self.options, "as_files": self.as_files}

    def clear(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


async def received_upload(request: Request) -> Upload:
    """Return the upload of a request; raise `HttpProblem` for one that is not a form with at least one table."""
    media = request.headers.get("content-type", "")
    if not media.lower().startswith("multipart/form-data"):
        detail = "send the files as a form: multipart/form-data, with the data as 'files'"
        raise HttpProblem(
            415, "media-type", "The request is not a form", detail, headers={"Accept-Post": "multipart/form-data"}
        )
    try:
        upload = Upload(Path(tempfile.mkdtemp(prefix="entrepot-upload-")))
    except OSError as error:
        raise not_kept(error.strerror) from None
    try:
        (upload.folder / "data").mkdir()
        # Parts of more than a megabyte go to the disk while they arrive.
        async with request.form(max_files=FILES, max_fields=FIELDS, max_part_size=LONGEST) as form:
            await _write(upload, form.multi_items())
    except BaseException as error:
        upload.clear()
        if isinstance(error, HTTPException):
            raise HttpProblem(400, "form", "The form cannot be read", _form_fault(str(error.detail))) from None
        if isinstance(error, OSError):
            raise not_kept(error.strerror) from None
        raise
    return upload


def _form_fault(says: str) -> str:
    """Return what is wrong with a form, from what its reader says of it."""
    if says.startswith(("Too many", "Part exceeded")):
        return english(f"send at most {FILES} files and {FIELDS} fields, each field of at most {LONGEST:,} bytes")
    return english("it is not written as multipart/form-data (RFC 7578): boundaries or names are missing or damaged")


async def _write(upload: Upload, parts: list[tuple[str, str | UploadFile]]) -> None:
    digest = hashlib.sha256()
    for key, value in parts:
        digest.update(f"{key}\0".encode())
        if isinstance(value, UploadFile):
            if not value.filename:
                continue  # a form sends an empty file where none was chosen
            name = _checked_name(value.filename, key)
            if key not in (DATA, *FILE_OPTIONS):
                raise _refused(f"files are sent as {DATA} or {', '.join(FILE_OPTIONS)}", key)
            place = Path("data") / name if key == DATA else Path(f"{key}-{name}")
            if key != DATA and key in upload.options:
                raise _refused("given twice; give it once", key)
            if (upload.folder / place).exists():
                raise _refused(f"two files are called {name}; rename one", key)
            digest.update(name.encode())
            with (upload.folder / place).open("wb") as file:
                while part := await value.read(_CHUNK):
                    digest.update(part)
                    file.write(part)
            if key != DATA:
                upload.options[key] = str(place)
                upload.as_files.append(key)
        elif value.strip():
            if key in upload.options:
                raise _refused("given twice; give it once", key)
            digest.update(value.encode())
            upload.options[key] = _option(key, value.strip())
    if not any((upload.folder / "data").iterdir()):
        raise _refused(f"send at least one file as {DATA!r}", DATA)
    upload.digest = digest.hexdigest()


def _checked_name(given: str, key: str) -> str:
    """Return the name of a file without folders and odd characters; raise `HttpProblem` for one that is not read."""
    name = re.sub(r"[^A-Za-z0-9._ -]", "_", re.split(r"[/\\]", given)[-1]).lstrip(".")[-120:]
    if not name.lower().endswith(ENDINGS):
        endings = ", ".join(ENDINGS)
        if not name:
            raise _refused(f"a file without a name is not a table that is read here: {endings}", key)
        raise _refused(f"{name} is not a table that is read here: {endings}", key)
    return name


def _option(key: str, text: str) -> Any:
    """Return an option as `import_economy` takes it; no text is the path of a file."""
    if key not in OPTIONS:
        raise _refused(f"unknown field; {', '.join(OPTIONS)}", key)
    number = _number(text)
    if key == "source":
        if text not in sources():
            raise _refused(str(UnknownNameError("source", text, sources())), key)
        return text
    if key == "name":
        return "".join(c for c in text[:80] if c.isprintable())
    if key == "sectors":
        if text != "sections":
            raise _refused("send a concordance as a file, or 'sections'", key)
        return text
    if key == "theta" and number is None:
        if set_named(text) is None:
            raise _refused(str(UnknownNameError("set of elasticities", text, published())), key)
        return text
    if number is None or (key == "year" and not number.is_integer()):
        raise _refused(f"{text[:40]!r} is not numeric", key)
    return int(number) if key == "year" else number


def _number(text: str) -> float | None:
    with contextlib.suppress(ValueError):
        number = float(text)
        return number if math.isfinite(number) else None
    return None


def _refused(detail: str, key: str) -> HttpProblem:
    return HttpProblem(422, "input", "The upload cannot be read", detail, key[:80])
