"""The web page: files that the browser runs without a build step and without requests to other hosts."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

#: Only the scripts, styles and pictures of the desk: no inline script, no eval, no frame, no form.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Page(StaticFiles):
    """The static files of the page, each with its content security policy."""

    def __init__(self) -> None:
        super().__init__(directory=Path(__file__).parent / "files", html=True)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file with its headers; refuse methods other than GET and HEAD."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        response = await super().get_response(path, scope)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-cache"
        return response
