"""The parts of HTTP that every resource shares: HEAD, OPTIONS, and the statuses 404, 405 and 415."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from entrepot.desk.http_problems import HttpProblem, unreadable
from entrepot.errors import nearest
from entrepot.languages import preferred, speaking

_JSON = re.compile(r"application/([\w.+-]+\+)?json\s*(;|$)", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)


class HeadRequests:
    """ASGI middleware that answers HEAD below `root` as GET without the body."""

    def __init__(self, app: Any, root: str) -> None:
        self._app, self._root = app, root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or not scope["path"].startswith(self._root):
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


class ReadersLanguage:
    """ASGI middleware that answers below `roots` in the first language of Accept-Language that has a catalogue."""

    def __init__(self, app: Any, roots: tuple[str, ...]) -> None:
        self._app, self._roots = app, roots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].startswith(self._roots):
            await self._app(scope, receive, send)
            return
        code = preferred(Headers(scope=scope).get("accept-language", ""))

        async def with_language(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-language"] = code
                headers.add_vary_header("Accept-Language")
            await send(message)

        with speaking(code):
            await self._app(scope, receive, with_language)


class UnroutedPaths:
    """ASGI application for requests without a route: OPTIONS lists the methods; the others get 404 or 405."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        allowed = self._allowed(scope["path"])
        if not allowed:
            raise HttpProblem(404, "not-found", "There is no such path", "openapi.json lists the paths")
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", allowed.encode())]})
            await send({"type": "http.response.body"})
            return
        detail = f"{scope['method'][:20]} is not allowed here; use {allowed}"
        raise HttpProblem(405, "method", "There is no such method", detail, headers={"Allow": allowed})

    def _allowed(self, path: str) -> str:
        """Return the methods of a path, separated by commas; empty where there is no such path."""
        here = [route for route in self._routes if isinstance(route, Route) and route.path_regex.match(path)]
        methods = {method for route in here for method in route.methods or ()}
        methods |= ({"HEAD"} if "GET" in methods else set()) | ({"OPTIONS"} if methods else set())
        return ", ".join(sorted(methods))


def known_and_once(request: Request) -> None:
    """Answer 422 for a parameter of the query that the route does not have, and for one that is repeated.

    The OpenAPI document has the parameters; those of it that are lists may be repeated. A route that is not in it
    knows its own, each of which is given once.
    """
    if not request.query_params:
        return
    operations = request.app.openapi()["paths"].get(request.scope["route"].path)
    names = [name for name, _ in request.query_params.multi_items()]
    if operations is None:
        lists = dict.fromkeys(names, False)
    else:
        parameters = operations[request.method.lower()].get("parameters", [])
        lists = {one["name"]: one["schema"].get("type") == "array" for one in parameters if one["in"] == "query"}
    for name in names:
        if name not in lists:
            raise unreadable(f"unknown parameter{nearest(name, lists) if lists else ''}", name[:80])
        if names.count(name) > 1 and not lists[name]:
            raise unreadable(f"given {names.count(name)} times; give it once", name)


async def json_only(request: Request) -> None:
    """Raise `HttpProblem` for a request that is not uncompressed JSON in UTF-8, or that repeats a key."""
    media, encoding = request.headers.get("content-type", ""), request.headers.get("content-encoding", "identity")
    charset = _CHARSET.search(media)
    in_utf8 = charset is None or charset[1].lower() in ("utf-8", "utf8")
    if _JSON.match(media) and in_utf8 and encoding.lower() == "identity":
        json.loads(await request.body() or "null", object_pairs_hook=_check_unique_keys)
        return
    detail = "send the header 'Content-Type: application/json', and the request in UTF-8 without compression"
    raise HttpProblem(415, "media-type", "The request is not JSON", detail, headers={"Accept-Post": "application/json"})


def _check_unique_keys(pairs: list[tuple[str, Any]]) -> None:
    """Raise `HttpProblem` for a repeated key, as in a case file."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise unreadable(f"{key}: this key is repeated; keep one", key)
        seen.add(key)
