"""The verb that serves: desk."""

from __future__ import annotations

import functools
import re
import secrets
from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.console import console, reported
from entrepot.cli.options import StoreOption

app = typer.Typer()
HERE = "127.0.0.1"


@app.command()
def desk(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; others than this machine need a token.")
    ] = HERE,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")] = 8642,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="Another name by which others reach it, such as a proxy's.")
    ] = None,
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

            from entrepot.desk.api import create_api
            from entrepot.desk.library import Library
            from entrepot.desk.routes.responses import ROOT
            from entrepot.desk.server import Server, is_here, listening, names_of
        except ImportError as error:
            raise InputError(f"the desk needs {error.name}: pip install 'entrepot[desk]'") from None
        secret = token if token is not None else None if is_here(host) else secrets.token_urlsafe(24)
        if secret is not None and not re.fullmatch(r"[!-~]{16,200}", secret):
            raise InputError("--token: sixteen to 200 characters, without spaces")
        for one in name or ():
            if not re.fullmatch(r"[A-Za-z0-9.-]+", one):
                raise InputError(f"--name: {one!r} is not the name of a machine, such as desk.ministry.example")
        if data is not None and not data.is_dir():
            raise InputError(f"--data: {data} is not a folder")
        for fault in Library(str(data)).faults() if data else ():
            console(error=True).print(f"Left out: {fault.file}: {fault.says}", soft_wrap=True, markup=False)
        api = create_api(
            processes=workers,
            store=str(Path(store)) if store else None,
            data=str(data) if data else None,
            token=secret,
            hosts=names_of(host, name or ()),
            page=not api_only,
        )
        config = uvicorn.Config(
            api, host=host, port=port, log_level="warning", server_header=False, ws="none", timeout_graceful_shutdown=10
        )
        try:
            bound = listening(host, port)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            raise InputError(f"{host} port {port}: {why}; --port 0 takes any port that is free") from None
        with bound:
            Server(config, lambda where: _say(where, secret, api_only, browser, ROOT)).run(sockets=[bound])


def _say(where: str, secret: str | None, api_only: bool, browser: bool, root: str) -> None:
    """Where the desk is, once it answers there."""
    say = functools.partial(console(error=True).print, soft_wrap=True, highlight=False, markup=False)
    page = f"http://{where}/" + (f"#token={secret}" if secret else "")
    if not api_only:
        say(f"The desk is at {page}")
    say(f"REST API: http://{where}{root}, described by openapi.json there. Ctrl-C ends it.")
    if secret is not None:
        say(f"Clients send: Authorization: Bearer {secret}")
    if browser and not api_only:
        import webbrowser

        webbrowser.open(page)
