"""Downloads: interrupted, refused, changed, mislabelled, against a server on this machine alone."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import itertools
import shutil
import socket
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import entrepot as ep
from entrepot.data import fetch as module
from entrepot.data.fetch import ADDRESSES, fetch
from entrepot.errors import DocumentError

pytest.importorskip("httpx")

NAME = "WIOTS_in_EXCEL.zip"


def body(size: int = 3_000_000, seed: int = 1) -> bytes:
    """A zip of that many incompressible bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("table.csv", np.random.default_rng(seed).bytes(size))
    return buffer.getvalue()


@dataclass
class Server:
    """What the server has and how it misbehaves: one entry of `faults` is used up by each request."""

    data: bytes
    etag: str | None = '"one"'
    faults: list[str] = field(default_factory=list)
    requested: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(module, "FIRST_WAIT", 0.0)
    state = Server(body())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted, condition = self.headers.get("Range"), self.headers.get("If-Range")
            state.requested.append((self.path, wanted, condition))
            fault = state.faults.pop(0) if state.faults else ""
            self.close_connection = True
            if fault.isdigit():
                self.send_response(int(fault))
                self.send_header("Content-Length", "0")
                self.send_header("Retry-After", "0")
                self.end_headers()
                return
            start, total = 0, len(state.data)
            if wanted and condition == state.etag:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start and start >= total:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{total}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            rest = state.data[start:]
            self.send_response(206 if start else 200)
            if start:
                shift = 5 if fault == "shifted" else 0
                self.send_header("Content-Range", f"bytes {start - shift}-{total - 1}/{total}")
            if state.etag:
                self.send_header("ETag", state.etag)
            self.send_header("Content-Type", "text/html" if fault == "page" else "application/zip")
            length = {"long": len(rest) + 1000, "short": len(rest) - 1000}.get(fault, len(rest))
            self.send_header("Content-Length", str(length))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # the client may have disconnected
                self.wfile.write(rest[: len(rest) // 2] if fault == "drop" else rest[:length])

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{running.server_address[1]}"
    yield state
    running.shutdown()
    thread.join()
    running.server_close()


def get(server: Server, folder: Path, **options: object) -> Path:
    return fetch("wiod", year=2014, folder=folder, base_url=server.url, **options)  # type: ignore[arg-type]


def test_download_is_complete_and_records_its_checksum(server: Server, tmp_path: Path) -> None:
    messages: list[tuple[str, int, int]] = []
    path = get(server, tmp_path / "new", progress=lambda *what: messages.append(what))
    assert path == tmp_path / "new" / NAME
    assert path.read_bytes() == server.data
    assert (path.parent / f"{NAME}.sha256").read_text().split()[0] == hashlib.sha256(server.data).hexdigest()
    assert sorted(p.name for p in path.parent.iterdir()) == [NAME, f"{NAME}.sha256"]
    assert server.requested == [(f"/{NAME}", None, None)]
    assert (f"downloading {NAME}", len(server.data), len(server.data)) in messages


def test_intact_file_is_not_downloaded_again(server: Server, tmp_path: Path) -> None:
    get(server, tmp_path)
    assert get(server, tmp_path) == tmp_path / NAME
    assert len(server.requested) == 1


def test_changed_file_is_reported_and_kept(server: Server, tmp_path: Path) -> None:
    path = get(server, tmp_path)
    path.write_bytes(server.data[:-1] + b"x")
    with pytest.raises(DocumentError, match=r"as recorded in WIOTS_in_EXCEL.zip.sha256: it was changed"):
        get(server, tmp_path)
    assert path.exists()
    assert len(server.requested) == 1


def test_manually_placed_file_is_accepted_and_recorded(server: Server, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(server.data)
    get(server, tmp_path)
    assert (tmp_path / f"{NAME}.sha256").exists()
    assert not server.requested


def test_dropped_connection_is_resumed(server: Server, tmp_path: Path) -> None:
    server.faults = ["drop"]
    assert get(server, tmp_path).read_bytes() == server.data
    (_, first, _), (_, second, condition) = server.requested
    assert first is None
    assert second is not None
    assert 0 < int(second.removeprefix("bytes=").rstrip("-")) < len(server.data)
    assert condition == '"one"'


def test_incomplete_download_is_resumed_by_the_next_call(server: Server, tmp_path: Path) -> None:
    def stop(what: str, done: int, total: int) -> None:
        if done > 1_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(server, tmp_path, progress=stop)
    kept = (tmp_path / f"{NAME}.part").stat().st_size
    assert 1_000_000 < kept < len(server.data)
    assert not (tmp_path / NAME).exists()
    assert get(server, tmp_path).read_bytes() == server.data
    assert server.requested[-1][1] == f"bytes={kept}-"


def test_new_edition_restarts_the_download(server: Server, tmp_path: Path) -> None:
    server.faults = ["drop", "404"]
    with pytest.raises(DocumentError, match="answered 404"):
        get(server, tmp_path)
    server.data, server.etag = body(seed=2), '"two"'
    assert get(server, tmp_path).read_bytes() == server.data


def test_download_without_a_version_tag_is_not_resumed(server: Server, tmp_path: Path) -> None:
    server.etag, server.faults = None, ["drop"]
    assert get(server, tmp_path).read_bytes() == server.data
    assert [wanted for _, wanted, _ in server.requested] == [None, None]


def test_complete_part_needs_no_more_bytes(server: Server, tmp_path: Path) -> None:
    server.faults = ["drop", "404"]
    with pytest.raises(DocumentError):
        get(server, tmp_path)
    (tmp_path / f"{NAME}.part").write_bytes(server.data)
    assert get(server, tmp_path).read_bytes() == server.data


def test_busy_server_is_retried(server: Server, tmp_path: Path) -> None:
    server.faults = ["503", "429"]
    messages: list[str] = []
    assert get(server, tmp_path, progress=lambda what, *_: messages.append(what)).read_bytes() == server.data
    assert any("the server answered 503; again in" in what for what in messages)
    assert len(server.requested) == 3


def test_retries_are_limited(server: Server, tmp_path: Path) -> None:
    server.faults = ["503"] * 20
    with pytest.raises(DocumentError, match=r"answered 503 \(tried 6 times\)"):
        get(server, tmp_path)
    assert len(server.requested) == 6


def test_part_longer_than_the_file_is_deleted(server: Server, tmp_path: Path) -> None:
    server.faults = ["long"]
    assert get(server, tmp_path).read_bytes() == server.data


def test_truncated_download_gives_no_file(server: Server, tmp_path: Path) -> None:
    server.faults = ["short"]
    with pytest.raises(DocumentError, match="not a complete zip"):
        get(server, tmp_path)
    assert not list(tmp_path.iterdir())


def test_wrong_byte_range_restarts_the_download(server: Server, tmp_path: Path) -> None:
    server.faults = ["drop", "shifted"]
    assert get(server, tmp_path).read_bytes() == server.data


def test_web_page_instead_of_a_file_is_refused(server: Server, tmp_path: Path) -> None:
    server.faults = ["page"]
    with pytest.raises(DocumentError) as caught:
        get(server, tmp_path)
    messages = str(caught.value)
    assert "answered with a web page" in messages
    assert f"{server.url}/{NAME}" in messages
    assert "https://doi.org/10.34894/PJ2M1C" in messages
    assert f"entrepot economy import wiod2016 {tmp_path / NAME} --year 2014" in messages
    assert not list(tmp_path.iterdir())


def test_user_checksum_overrides_the_recorded_one(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="was deleted"):
        get(server, tmp_path, sha256="0" * 64)
    assert not list(tmp_path.iterdir())
    right = hashlib.sha256(server.data).hexdigest()
    get(server, tmp_path, sha256=right.upper())
    with pytest.raises(DocumentError, match="as given"):
        get(server, tmp_path, sha256="0" * 64)


def test_without_a_network_the_manual_download_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT", 0.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(
        DocumentError, match=r"could not be downloaded from http://127.* By hand: open https://www.cepii"
    ):
        fetch("baci", year=2020, folder=tmp_path, base_url=nobody)
    assert not list(tmp_path.iterdir())


def test_full_disk_keeps_the_received_bytes(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: real._replace(free=10))
    with pytest.raises(DocumentError, match="the disk is full"):
        get(server, tmp_path)

    def fills(what: str, done: int, total: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "disk_usage", lambda _: real)
    with pytest.raises(DocumentError, match=r"the disk is full\. [\d,]+ bytes are kept in .*\.part"):
        get(server, tmp_path, progress=fills)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "baci2"}, r"unknown download 'baci2'; did you mean baci\?"),
        ({"name": "icio", "year": 1900}, r"cover 1995 to 2000, 2001 to 2005"),
        ({"sha256": "abc"}, "64 hexadecimal digits"),
        ({"base_url": "ftp://x"}, "an http or https address"),
    ],
)
def test_invalid_arguments_are_refused(options: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        fetch(**({"name": "wiod", "year": 2014, "folder": tmp_path} | options))  # type: ignore[arg-type]


def test_addresses_state_their_source() -> None:
    for addresses in ADDRESSES.values():
        for address in addresses:
            assert address.url.startswith("http")
            assert address.source
            assert address.page.startswith("https://")
            assert address.file.endswith(".zip")
    years = [a.years for a in ADDRESSES["icio"]]
    assert all(later[0] == earlier[1] + 1 for earlier, later in itertools.pairwise(years))


def test_addresses_equal_those_in_pymrio() -> None:
    downloader = pytest.importorskip("pymrio.tools.iodownloader")
    theirs = downloader.OECD_CONFIG["datafiles"]["v2023"]
    assert [a.url for a in ADDRESSES["icio"]] == list(theirs.values())
