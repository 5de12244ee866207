"""The guard accepts the page of the desk and programs with the token, and refuses pages of other sites."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from conftest import serving
from entrepot.cli.desk_command import _say
from entrepot.desk.api import create_api
from entrepot.desk.routes.responses import ROOT
from entrepot.desk.server import address, names_of
from entrepot.desk.workers import Limits

SOLVE = {"measures": []}
#: The headers of a request from a page of another site, by browser and situation.
FOREIGN = {
    "another site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "another port": {"Origin": "http://localhost:9999", "Sec-Fetch-Site": "same-site"},
    "another name of this machine": {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "cross-site"},
    "a sandbox": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "an image": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    "a script of another port": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    "a link": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    "an old browser": {"Origin": "https://evil.example"},
    "an origin of nonsense": {"Origin": "http://[localhost"},
    "an origin that begins alike": {"Origin": "http://localhost.evil.example"},
    "an unknown value": {"Sec-Fetch-Site": "friendly"},
}
OWN = {
    "the page": {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
    "the page behind TLS": {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"},
    "an address that was typed": {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"},
    "a program": {},
}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    limits = Limits(rate=0.001, burst=len(OWN) + 2)
    api = create_api(processes=1, store=str(tmp_path), limits=limits)
    with TestClient(api, base_url="http://localhost") as made:
        yield made


def _is_refused(reply: Any, status: int, kind: str) -> None:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["type"] == f"urn:entrepot:{kind}"


def test_page_of_another_site_is_refused_without_counting(client: TestClient) -> None:
    for headers in FOREIGN.values():
        for _ in range(5):
            _is_refused(client.get(f"{ROOT}/economies", headers=headers), 403, "foreign")
            _is_refused(client.post(f"{ROOT}/solve", json=SOLVE, headers=headers), 403, "foreign")
            _is_refused(client.options(f"{ROOT}/solve", headers=headers), 403, "foreign")
            text = {**headers, "Content-Type": "text/plain"}
            _is_refused(client.post(f"{ROOT}/solve", content=b'{"measures": []}', headers=text), 403, "foreign")
    for headers in OWN.values():
        assert client.get(f"{ROOT}/economies", headers=headers).status_code == 200
    assert client.post(f"{ROOT}/solve", json=SOLVE).status_code == 200


def test_foreign_host_name_is_refused_without_counting(client: TestClient) -> None:
    """DNS rebinding: the browser sees one origin, so only the Host header reveals it."""
    for host in (
        "evil.example",
        "evil.example:8642",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "@localhost",
    ):
        for _ in range(5):
            headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
            _is_refused(client.get(f"{ROOT}/economies", headers=headers), 421, "host")
    for host in ("localhost:8642", "127.0.0.1:8642", "[::1]:8642", "LOCALHOST"):
        assert client.get(f"{ROOT}/economies", headers={"Host": host}).status_code == 200


def test_link_on_another_site_opens_the_page(client: TestClient) -> None:
    assert client.get("/", headers=FOREIGN["a link"]).status_code == 200


def test_no_cors_headers_are_sent(client: TestClient) -> None:
    preflight = {**FOREIGN["another site"], "Access-Control-Request-Method": "POST"}
    for reply in (client.options(f"{ROOT}/solve", headers=preflight), client.get(f"{ROOT}/law")):
        assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/", f"{ROOT}/law", f"{ROOT}/none"])
def test_websockets_are_refused(client: TestClient, path: str) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(path):
        pass


@pytest.mark.slow
def test_page_on_another_port_cannot_use_the_desk(browser: Any, tmp_path: Path) -> None:
    """A page on another port sends every request that needs no CORS permission; the user is not locked out."""
    script = """async (at) => {
      const one = (path, options) => fetch(at + path, {mode: "no-cors", ...options}).catch(() => null);
      for (let k = 0; k < 30; k += 1) {
        await one("/api/v1/economies");
        await one("/api/v1/solve", {method: "POST", body: '{"measures": []}'});
        await new Promise((done) => {
          const picture = new Image();
          picture.onerror = picture.onload = done;
          picture.src = at + "/api/v1/law";
        });
      }
      return fetch(at + "/api/v1/law").then((r) => r.status, () => "refused");
    }"""
    limits = Limits(rate=0.001, burst=10)
    with (
        serving(create_api(processes=1, store=str(tmp_path / "a"), limits=limits)) as desk,
        serving(create_api(processes=1, store=str(tmp_path / "b"))) as other,
    ):
        context = browser.new_context(bypass_csp=True)
        page = context.new_page()
        page.goto(f"http://{other}/icon.svg")
        assert page.evaluate(script, f"http://{desk}") == "refused"
        page.goto(f"http://{desk}/icon.svg")
        own = "() => fetch('/api/v1/law').then((r) => r.status)"
        assert page.evaluate(own) == 200
        context.close()


# ---- host names and links ----


def test_public_desk_accepts_addresses_and_its_names(tmp_path: Path) -> None:
    """A DNS name may be made to point here, an IP address cannot; so every address is accepted."""
    api = create_api(processes=1, store=str(tmp_path), hosts=names_of("0.0.0.0", ("Desk.Ministry.example",)))
    with TestClient(api, base_url="http://localhost") as client:
        own = socket.gethostname()
        for host in ("192.168.1.5:8642", "[fe80::1]:8642", "localhost", "desk.ministry.example", own, f"{own}.local"):
            assert client.get(f"{ROOT}/economies", headers={"Host": host}).status_code == 200, host
        for host in ("evil.example", "1.2.3.4.evil.example", "192.168.1", "[fe80::1", "::1", "999.1.1.1", "0x7f.1"):
            _is_refused(client.get(f"{ROOT}/economies", headers={"Host": host}), 421, "host")


@pytest.mark.parametrize(
    ("host", "listed"),
    [("127.0.0.1", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("::1", "[::1]"), ("localhost", "localhost")],
)
def test_local_desk_accepts_only_its_names(host: str, listed: str) -> None:
    names = names_of(host)
    assert listed in names
    assert "localhost" in names
    assert "*" not in names


@pytest.mark.parametrize(
    ("bound", "link"),
    [
        (("127.0.0.1", 8642), "127.0.0.1:8642"),
        (("::1", 8642, 0, 0), "[::1]:8642"),
        (("192.168.1.5", 80), "192.168.1.5:80"),
        (("fe80::1%eth0", 8642, 0, 2), "[fe80::1%25eth0]:8642"),
    ],
)
def test_link_has_the_address_of_the_desk(bound: Any, link: str) -> None:
    assert address(bound) == link


@pytest.mark.parametrize(
    ("bound", "machine", "link"),
    [
        (("0.0.0.0", 8642), "192.168.1.5", "192.168.1.5:8642"),
        (("0.0.0.0", 8642), None, "localhost:8642"),
        (("::", 8642, 0, 0), "2001:db8::5", "[2001:db8::5]:8642"),
        (("::", 8642, 0, 0), None, "localhost:8642"),
    ],
)
def test_link_of_a_desk_on_every_address(
    bound: Any, machine: str | None, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unsent:
        """A socket that reports the address of the machine without sending."""

        def __init__(self, *_: Any) -> None: ...

        def __enter__(self) -> Unsent:
            return self

        def __exit__(self, *_: Any) -> None: ...

        def connect(self, _: Any) -> None:
            if machine is None:
                raise OSError(101, "Network is unreachable")

        def getsockname(self) -> Any:
            return (machine, 40000)

    monkeypatch.setattr(socket, "socket", Unsent)
    assert address(bound) == link


def test_link_is_printed_unchanged(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets in the link are not read as markup."""
    _say("[fd00::5]:8642", "a" * 20, api_only=False, browser=False, root=ROOT)
    assert f"http://[fd00::5]:8642/#token={'a' * 20}\n" in capsys.readouterr().err


def test_printed_link_works(desk: str) -> None:
    with urllib.request.urlopen(f"{desk.rstrip('/')}{ROOT}/law", timeout=30) as reply:
        assert reply.status == 200


@pytest.mark.slow
@pytest.mark.parametrize("host", ["127.0.0.2", "::1", "localhost"])
def test_printed_link_works_on_another_address(host: str, tmp_path: Path) -> None:
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    command = [sys.executable, "-c", "from entrepot.cli import app; app()", "desk", "--no-browser", "--port", "0"]
    server = subprocess.Popen([*command, "--host", host, "--store", str(tmp_path)], stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        found = re.search(r"http://\S+", server.stderr.readline())
        assert found is not None
        with urllib.request.urlopen(f"{found[0].rstrip('/')}{ROOT}/law", timeout=30) as reply:
            assert reply.status == 200
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.mark.usefixtures("in_a_terminal")
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
def test_desk_ends_with_its_terminal_without_a_traceback(tmp_path: Path) -> None:
    """A terminal that closes sends SIGHUP twice: its own, and that of its shell."""
    command = [sys.executable, "-m", "entrepot", "desk", "--no-browser", "--port", "0", "--api-only"]
    server = subprocess.Popen([*command, "--store", str(tmp_path)], stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        assert "REST API" in server.stderr.readline()
        server.send_signal(signal.SIGHUP)
        server.send_signal(signal.SIGHUP)
        _, printed = server.communicate(timeout=60)
    finally:
        server.kill()
    assert (server.returncode, "Traceback" in printed) == (130, False), printed
