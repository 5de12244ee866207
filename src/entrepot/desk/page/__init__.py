"""The web page: files that the browser runs without requests to other hosts, built from `page/` of a checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from entrepot.errors import InputError

#: Only the scripts, styles and pictures of the desk: no inline script, no eval, no frame, no form.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

FILES = Path(__file__).parent / "files"
#: What builds the page, in a checkout (its folder src); an installed package has the page and not this.
BUILDER = Path(__file__).parents[4] / "scripts" / "build_page.py"


class Page(StaticFiles):
    """The static files of the page, each with its content security policy."""

    def __init__(self) -> None:
        ensure_built()
        super().__init__(directory=FILES, html=True)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file with its headers; refuse methods other than GET and HEAD."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        response = await super().get_response(path, scope)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-cache"
        return response


def ensure_built() -> None:
    """Build the page in a checkout where it is missing or older; raise `InputError` if it stays missing."""
    if BUILDER.parents[1] / "src" == Path(__file__).parents[3] and BUILDER.exists():
        subprocess.run([sys.executable, str(BUILDER)], check=False)  # it prints what it does, and what is wrong
    if not (FILES / "index.html").exists():
        raise InputError("the page of the desk is missing: install Entrepot again, or use --api-only")
