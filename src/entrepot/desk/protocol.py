"""What HTTP asks of every resource: HEAD like GET, OPTIONS, 404 and 405 with what is allowed, and 415."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from entrepot.desk.http_problems import HttpProblem

_JSON = re.compile(r"application/([\w.+-]+\+)?json\s*(;|$)", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)


class HeadRequests:
    """ASGI middleware: HEAD below `root` is GET whose body is not sent."""

    def __init__(self, app: Any, root: str) -> None:
        self._app, self._root = app, root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or not scope["path"].startswith(self._root):
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


class UnroutedPaths:
    """ASGI application for what no route answers: OPTIONS says what may be asked, the rest is a 404 or a 405."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed = self._allowed(scope["path"])
        if not allowed:
            raise HttpProblem(404, "not-found", "There is no such path", "openapi.json lists those there are")
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", allowed.encode())]})
            await send({"type": "http.response.body"})
            return
        detail = f"{scope['method'][:20]} is not among {allowed}"
        raise HttpProblem(405, "method", "There is no such operation", detail, headers={"Allow": allowed})

    def _allowed(self, path: str) -> str:
        """The methods that a path has, "" where there is no such path."""
        here = [route for route in self._routes if isinstance(route, Route) and route.path_regex.match(path)]
        methods = {method for route in here for method in route.methods or ()}
        methods |= ({"HEAD"} if "GET" in methods else set()) | ({"OPTIONS"} if methods else set())
        return ", ".join(sorted(methods))


async def json_only(request: Request) -> None:
    """Raises `HttpProblem` for a question that is not said to be JSON in UTF-8, as it is, or has a key twice."""
    media, encoding = request.headers.get("content-type", ""), request.headers.get("content-encoding", "identity")
    charset = _CHARSET.search(media)
    in_utf8 = charset is None or charset[1].lower() in ("utf-8", "utf8")
    if _JSON.match(media) and in_utf8 and encoding.lower() == "identity":
        json.loads(await request.body() or "null", object_pairs_hook=_once)
        return
    detail = "send the header 'Content-Type: application/json', and the question in UTF-8, not compressed"
    raise HttpProblem(
        415, "media-type", "The question is not JSON", detail, headers={"Accept-Post": "application/json"}
    )


def _once(pairs: list[tuple[str, Any]]) -> None:
    """As in a file, of two values for one key neither is taken."""
    before: set[str] = set()
    for key, _ in pairs:
        if key in before:
            raise HttpProblem(
                422, "input", "The question cannot be read", f"{key}: this key stands twice; keep one", key
            )
        before.add(key)
