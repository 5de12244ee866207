"""The verb that serves: desk."""

from __future__ import annotations

import ipaddress
import secrets
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
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")] = 8642,
    token: Annotated[
        str | None, typer.Option("--token", help="What clients must send; made up where it is needed.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes that answer questions.")] = 2,
    store: StoreOption = None,
) -> None:
    """Serve the REST API on this machine: /api/v1, described at /api/v1/openapi.json."""
    from entrepot.errors import InputError

    with reported():
        try:
            import uvicorn

            from entrepot.desk.api import ROOT, create_api
        except ImportError as error:
            raise InputError(f"the desk needs {error.name}: pip install 'entrepot[desk]'") from None
        secret = token if token is not None else None if _here(host) else secrets.token_urlsafe(24)
        if secret is not None and len(secret) < 16:
            raise InputError("--token: sixteen characters or more")
        api = create_api(processes=workers, store=str(Path(store)) if store else None, token=secret)
        say = console(error=True)
        say.print(
            f"Entrepot listens on http://{host}:{port}{ROOT} (openapi.json describes it). Ctrl-C ends it.",
            soft_wrap=True,
        )
        if secret is not None:
            say.print(f"Clients send: Authorization: Bearer {secret}", soft_wrap=True)
        uvicorn.run(api, host=host, port=port, log_level="warning", server_header=False)


def _here(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
