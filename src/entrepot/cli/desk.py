"""The verb that serves: desk."""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.common import console, reported
from entrepot.cli.questions import StoreOption

app = typer.Typer()
HERE = "127.0.0.1"


@app.command()
def desk(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; others than this machine need a token.")
    ] = HERE,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")] = 8642,
    token: Annotated[
        str | None, typer.Option("--token", help="What clients must send; made up where it is needed.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Folder with cases (NAME.yaml) and Economies (NAME.ep) of your own to offer."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes that answer questions.")] = 2,
    api_only: Annotated[bool, typer.Option("--api-only", help="Serve the REST API without the page.")] = False,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    store: StoreOption = None,
) -> None:
    """Serve the desk on this machine: a page to put measures on the table, and a REST API (/api/v1)."""
    from entrepot.errors import InputError

    with reported():
        try:
            import uvicorn

            from entrepot.desk.api import ROOT, create_api
            from entrepot.desk.guard import HERE as NAMES
            from entrepot.desk.library import Library
            from entrepot.desk.server import Server
        except ImportError as error:
            raise InputError(f"the desk needs {error.name}: pip install 'entrepot[desk]'") from None
        secret = token if token is not None else None if _here(host) else secrets.token_urlsafe(24)
        if secret is not None and not re.fullmatch(r"[!-~]{16,200}", secret):
            raise InputError("--token: sixteen to 200 characters, without spaces")
        if data is not None and not data.is_dir():
            raise InputError(f"--data: {data} is not a folder")
        for fault in Library(str(data)).faults() if data else ():
            console(error=True).print(f"Left out: {fault.file}: {fault.says}", soft_wrap=True, markup=False)
        api = create_api(
            processes=workers,
            store=str(Path(store)) if store else None,
            data=str(data) if data else None,
            token=secret,
            hosts=NAMES if _here(host) else ("*",),
            page=not api_only,
        )
        config = uvicorn.Config(api, host=host, port=port, log_level="warning", server_header=False, ws="none")
        try:
            listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            raise InputError(f"{host} port {port}: {why}; --port 0 takes any port that is free") from None
        with listening:
            Server(config, lambda bound: _say(bound, secret, api_only, browser, ROOT)).run(sockets=[listening])


def _say(bound: str, secret: str | None, api_only: bool, browser: bool, root: str) -> None:
    """Where the desk is, once it answers there."""
    say = console(error=True)
    page = f"http://{bound}/" + (f"#token={secret}" if secret else "")
    if not api_only:
        say.print(f"The desk is at {page}", soft_wrap=True, highlight=False)
    say.print(f"REST API: http://{bound}{root}, described by openapi.json there. Ctrl-C ends it.", soft_wrap=True)
    if secret is not None:
        say.print(f"Clients send: Authorization: Bearer {secret}", soft_wrap=True, highlight=False)
    if browser and not api_only:
        import webbrowser

        webbrowser.open(page)


def _here(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
