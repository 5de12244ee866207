"""Downloads of public databases: resumed after an interruption, checked, and written atomically."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import random
import shutil
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from entrepot.data.progress import Progress, silent
from entrepot.documents import as_path, read_text, write_text
from entrepot.errors import DocumentError, InputError, UnknownNameError

if TYPE_CHECKING:
    import httpx

#: Retries after a network error or a busy server, and the seconds before the first, doubled each time, with jitter.
RETRIES, FIRST_WAIT, LONGEST_WAIT = 5, 0.5, 60.0

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file is published.

    years     first and last year in the file
    page      the web page that links to it
    source    where this address is documented
    """

    file: str
    url: str
    years: tuple[int, int]
    page: str
    source: str


_OECD = "https://www.oecd.org/en/data/datasets/inter-country-input-output-tables.html"
_OECD_FILE = "http://stats.oecd.org/wbos/fileview2.aspx?IDFile="
_PYMRIO = "pymrio 0.7, tools/iodownloader.py"

#: These addresses have not been tested from a machine with access to them. OECD has moved other files away from
#: fileview2.aspx. DataverseNL is reported to send programs a page that checks for a browser; `fetch` then reports that.
ADDRESSES: dict[str, tuple[Address, ...]] = {
    "icio": tuple(
        Address(f"ICIO2023_{first}-{last}.zip", _OECD_FILE + key, (first, last), _OECD, f"{_PYMRIO} (2023 edition)")
        for first, last, key in (
            (1995, 2000, "d26ad811-5b58-4f0c-a4e3-06a1469e475c"),
            (2001, 2005, "7cb93dae-e491-4cfd-ac67-889eb7016a4a"),
            (2006, 2010, "ea165bfb-3a85-4e0a-afee-6ba8e6c16052"),
            (2011, 2015, "1f791bc6-befb-45c5-8b34-668d08a1702a"),
            (2016, 2020, "d1ab2315-298c-4e93-9a81-c6f2273139fe"),
        )
    ),
    "wiod": (
        Address(
            "WIOTS_in_EXCEL.zip",
            "https://dataverse.nl/api/access/datafile/199104",
            (2000, 2014),
            "https://doi.org/10.34894/PJ2M1C",
            "public programs that read the 2016 release; pymrio has addresses of the 2013 release alone",
        ),
    ),
    "baci": (
        Address(
            "BACI_HS92_V202601.zip",
            "https://www.cepii.fr/DATA_DOWNLOAD/baci/data/BACI_HS92_V202601.zip",
            (1995, 2024),
            "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37",
            "public programs that download BACI",
        ),
    ),
}


#: Their names in `economy import`.
SOURCES = {"icio": "icio2023", "wiod": "wiod2016", "baci": "baci"}


def fetch(
    name: str,
    *,
    year: int,
    folder: str | os.PathLike[str],
    sha256: str | None = None,
    progress: Progress = silent,
    base_url: str | None = None,
) -> Path:
    """Download the file of the database `name` (see `ADDRESSES`) with data of `year` into `folder`; return its path.

    An incomplete download is kept as NAME.part and resumed by the next call; a complete file is renamed into place and
    not downloaded again. The publishers give no checksums: `sha256` is the user's, or else the one recorded beside the
    file (NAME.sha256) at its first download, which detects later changes but not a wrong first download. A zip must be
    complete. `base_url` is a mirror: the file is then base_url/NAME. Raises `UnknownNameError`, `InputError` for a year
    that no file has, and `DocumentError` with the address and how to download the file by hand.
    """
    if name not in ADDRESSES:
        raise UnknownNameError("download", name, ADDRESSES)
    address = _of_year(name, year)
    url = address.url if base_url is None else f"{base_url.rstrip('/')}/{address.file}"
    if urlsplit(url).scheme not in ("http", "https"):
        raise InputError(f"base_url={base_url!r}: an http or https address is needed")
    if sha256 is not None and (len(sha256) != 64 or set(sha256.lower()) - set("0123456789abcdef")):
        raise InputError(f"sha256={sha256!r}: 64 hexadecimal digits are needed")
    job = _Job(address, url, as_path(folder) / address.file, name, year, progress)
    with job.disk_errors():
        job.target.parent.mkdir(parents=True, exist_ok=True)
        if job.target.exists():
            return job.checked(sha256)
        job.download()
        return job.finished(sha256)


def _of_year(name: str, year: int) -> Address:
    for address in ADDRESSES[name]:
        if isinstance(year, int) and address.years[0] <= year <= address.years[1]:
            return address
    spans = ", ".join(f"{a.years[0]} to {a.years[1]}" for a in ADDRESSES[name])
    raise InputError(f"year={year!r}: the known files of {name} cover {spans}")


@dataclass(frozen=True, slots=True)
class _Job:
    address: Address
    url: str
    target: Path
    name: str
    year: int
    progress: Progress

    @property
    def part(self) -> Path:
        """The incomplete download."""
        return self.target.with_name(self.target.name + ".part")

    @property
    def tag(self) -> Path:
        """The file that records the server's version tag of the .part."""
        return self.target.with_name(self.target.name + ".part.json")

    @property
    def record(self) -> Path:
        """The file that records the checksum."""
        return self.target.with_name(self.target.name + ".sha256")

    def failed(self, why: str) -> DocumentError:
        """Return an error with the cause and how to download the file by hand."""
        return DocumentError(
            f"could not be downloaded from {self.url}: {why}. By hand: open {self.address.page} (or the address) in a "
            f"browser and save the file as {self.target}; then: entrepot economy import {SOURCES[self.name]} "
            f"{self.target} --year {self.year} --theta THETA -o world.ep",
            path=self.address.file,
        )

    @contextlib.contextmanager
    def disk_errors(self) -> Iterator[None]:
        """Turn disk errors into `DocumentError` with what to do; received data are kept."""
        try:
            yield
        except OSError as error:
            kept = f" {self.part.stat().st_size:,} bytes are kept in {self.part}." if self.part.exists() else ""
            why = "the disk is full" if error.errno == errno.ENOSPC else f"{error.strerror}"
            raise DocumentError(
                f"cannot be written: {why}.{kept} Fix this, and run it again", path=str(self.target)
            ) from error

    # ---- the transfer ----

    def download(self) -> None:
        """Download the .part completely, with at most `RETRIES` interruptions."""
        try:
            import httpx
        except ImportError:
            raise DocumentError("downloading needs httpx: pip install 'entrepot[sources]'") from None
        agent = {"User-Agent": "entrepot", "Accept-Encoding": "identity"}
        with httpx.Client(follow_redirects=True, timeout=httpx.Timeout(60, connect=15), headers=agent) as client:
            for attempt in range(RETRIES + 1):
                try:
                    why, wait = self.attempt(client)
                except httpx.TransportError as error:
                    why, wait = str(error) or type(error).__name__, None
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    raise self.failed(str(error)) from error
                if not why:
                    return
                if attempt == RETRIES:
                    break
                pause = min(FIRST_WAIT * 2**attempt * random.uniform(0.5, 1.5) if wait is None else wait, LONGEST_WAIT)
                self.progress(f"{self.address.file}: {why}; again in {pause:.0f} s", self.have(), 0)
                time.sleep(pause)
        raise self.failed(f"{why} (tried {RETRIES + 1} times)")

    def have(self) -> int:
        """Return the number of bytes received so far."""
        return self.part.stat().st_size if self.part.exists() else 0

    def attempt(self, client: httpx.Client) -> tuple[str, float | None]:
        """Send one request; return ("", None) if the .part is complete, else the cause and the requested pause."""
        version = self.version() if self.have() else ""
        start = self.have() if version else 0
        headers = {"Range": f"bytes={start}-", "If-Range": version} if start else {}
        with client.stream("GET", self.url, headers=headers) as response:
            status = response.status_code
            if status == 429 or status >= 500:
                delay = response.headers.get("Retry-After", "")
                return f"the server answered {status}", float(delay) if delay.isdigit() else None
            if status == 416 and start == _total(response):
                return "", None
            if status == 416:
                self.part.unlink()
                return "the length of the file on the server has changed", None
            if status not in (200, 206):
                raise self.failed(f"the server answered {status}")
            if "html" in response.headers.get("Content-Type", ""):
                raise self.failed("the server answered with a web page, not a file")
            if status == 206 and (not start or _first(response) != start):
                self.part.unlink(missing_ok=True)
                return "the server sent another part than requested", None
            start = start if status == 206 else 0
            total = _total(response)
            self.room(total - start)
            write_text(self.tag, json.dumps({"url": self.url, "version": _version(response)}))
            return self.receive(response, start, total), None

    def receive(self, response: httpx.Response, start: int, total: int) -> str:
        """Append the body to the .part from byte `start`; return what is wrong with its length, or ""."""
        done = start
        with self.part.open("r+b" if start else "wb") as file:
            file.seek(start)
            for block in response.iter_raw(BLOCK):
                file.write(block)
                done += len(block)
                self.progress(f"downloading {self.address.file}", done, total)
        return f"{done:,} of {total:,} bytes arrived" if total and done != total else ""

    def version(self) -> str:
        """Return the version tag of the .part, if it is from this address; else ""."""
        try:
            tag = json.loads(read_text(self.tag))
        except (DocumentError, ValueError):
            return ""
        return (
            str(tag["version"]) if isinstance(tag, dict) and tag.get("url") == self.url and tag.get("version") else ""
        )

    def room(self, needed: int) -> None:
        """Raise `OSError` if the disk has less than `needed` bytes free."""
        free = shutil.disk_usage(self.target.parent).free
        if needed > free:
            raise OSError(errno.ENOSPC, f"{needed:,} bytes are needed and {free:,} are free")

    # ---- checks ----

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of a file."""
        total, done, digest = path.stat().st_size, 0, hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                done += len(block)
                self.progress(f"checking {self.address.file}", done, total)
        return digest.hexdigest()

    def finished(self, sha256: str | None) -> Path:
        """Check the .part, record its checksum and rename it into place."""
        found = self.digest(self.part)
        if sha256 is not None and found != sha256.lower():
            self.part.unlink()
            self.tag.unlink(missing_ok=True)
            raise self.failed(f"its SHA-256 is {found}, not {sha256.lower()}; the download was deleted")
        if not zipfile.is_zipfile(self.part):
            self.part.unlink()
            self.tag.unlink(missing_ok=True)
            raise self.failed("the download is not a complete zip file and was deleted")
        write_text(self.record, f"{found}  {self.target.name}\n")
        self.part.replace(self.target)
        self.tag.unlink(missing_ok=True)
        return self.target

    def checked(self, sha256: str | None) -> Path:
        """Return an existing file if its checksum is right. Raises `DocumentError`."""
        found = self.digest(self.target)
        recorded = read_text(self.record).split() if self.record.exists() else []
        expected = sha256.lower() if sha256 is not None else recorded[0] if recorded else found
        if found != expected:
            origin = "given" if sha256 is not None else f"recorded in {self.record.name}"
            raise DocumentError(
                f"its SHA-256 is {found}, not {expected} as {origin}: it was changed or is another edition. Delete it "
                f"to download it again",
                path=str(self.target),
            )
        if not recorded:
            write_text(self.record, f"{found}  {self.target.name}\n")
        return self.target


def _version(response: Any) -> str:
    """A strong ETag, else the date of the last change: the values that If-Range accepts."""
    tag = response.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")


def _total(response: Any) -> int:
    """Length of the whole file; 0 if the server does not state it."""
    _, _, total = response.headers.get("Content-Range", "").rpartition("/")
    if total.isdigit():
        return int(total)
    length = response.headers.get("Content-Length", "")
    return int(length) if response.status_code == 200 and length.isdigit() else 0


def _first(response: Any) -> int:
    """Position of the first byte of a partial response; 0 for a whole one, -1 if it is not stated."""
    if response.status_code == 200:
        return 0
    first = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdigit() else -1
