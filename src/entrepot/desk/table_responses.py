"""ASGI middleware that sends a table of a reply as CSV or Parquet where the header Accept asks for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import compile_path
from starlette.types import Message, Receive, Scope, Send

from entrepot.desk.http_problems import HttpProblem, unreadable
from entrepot.desk.reply_tables import (
    EACH,
    MEDIA,
    Columns,
    Table,
    described_tables,
    encode_table,
    found_tables,
    names_of,
)
from entrepot.desk.routes.responses import JSON, problem_response

Described = dict[tuple[str, ...], Columns]
#: The longest of the texts about a table in a header, in characters.
LONGEST = 800


class TableResponses:
    """Middleware: CSV and Parquet in place of JSON; 406 where a reply has no table, or several and none is chosen."""

    def __init__(self, app: Any, root: str, document: Callable[[], Mapping[str, Any]]) -> None:
        self._app, self._root, self._document = app, root, document

    @cached_property
    def _operations(self) -> list[tuple[Any, str, Described]]:
        return [(compile_path(path)[0], method, found) for path, method, found in table_operations(self._document())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        form = wanted_form(Headers(scope=scope).get("accept", ""))
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        # The document is made on its first use, and most requests need none of this.
        described = self._described(scope) if form is not None or "table" in dict(query) else None
        if described is None:
            await self._app(scope, receive, send)
            return
        named = [value for key, value in query if key == "table"]
        try:
            if form is None and named and described:
                raise unreadable("send 'Accept: text/csv' or 'Accept: application/vnd.apache.parquet' with it", "table")
            if len(named) > 1:
                raise unreadable(f"given {len(named)} times; give it once", "table")
            name = named[0] if named else None
            if form is not None and all(EACH not in path for path in described):
                _choose(dict.fromkeys(names_of(described)), name)
        except HttpProblem as problem:
            await problem_response(problem)(scope, receive, send)
            return
        if form is None:
            await self._app(scope, receive, send)
            return
        rest = [(key, value) for key, value in query if key != "table"]
        suffix = f"-{form}-{name or ''}"
        inner = {**scope, "query_string": urlencode(rest).encode(), "headers": _inner_headers(scope, suffix)}
        await self._app(inner, receive, _Converted(send, scope, receive, described, form, name, suffix))

    def _described(self, scope: Scope) -> Described | None:
        """Return the tables of the operation that a request is for; None for other requests."""
        if not scope["path"].startswith(self._root):
            return None
        for pattern, method, described in self._operations:
            if method == scope["method"] and pattern.match(scope["path"]):
                return described
        return None


class _Converted:
    """The `send` that collects a reply of JSON and sends a table of it."""

    def __init__(
        self, send: Send, scope: Scope, receive: Receive, described: Described, form: str, name: str | None, suffix: str
    ) -> None:
        self._send, self._scope, self._receive = send, scope, receive
        self._described, self._form, self._name, self._suffix = described, form, name, suffix
        self._start: Message = {}
        self._parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            headers = MutableHeaders(raw=list(message["headers"]))
            if "etag" in headers:
                headers["etag"] = f'{headers["etag"][:-1]}{self._suffix}"'
            headers["vary"] = "Accept"
            self._start = {**message, "headers": headers.raw}
            return
        self._parts.append(message.get("body", b""))
        if message.get("more_body", False):
            return
        body = b"".join(self._parts)
        headers = MutableHeaders(raw=self._start["headers"])
        if self._start["status"] == 200 and headers.get("content-type") == JSON:
            try:
                body, about = await run_in_threadpool(_converted, body, self._described, self._form, self._name)
            except HttpProblem as problem:
                await problem_response(problem)(self._scope, self._receive, self._send)
                return
            headers["content-type"] = MEDIA[self._form] + ("; charset=utf-8" if self._form == "csv" else "")
            headers["content-length"] = str(len(body))
            headers["entrepot-about"] = about
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


def _converted(body: bytes, described: Described, form: str, name: str | None) -> tuple[bytes, str]:
    """Return a table of a reply as a file, and what the reply says about its numbers, for a header."""
    document = json.loads(body)
    table: Table = _choose(found_tables(document, described), name)
    about = _about(document)
    return encode_table(table, form, about), json.dumps(about)


def _about(document: Any) -> dict[str, str]:
    """Return the texts about the whole of a reply: provenance, title, currency, version, and what has no answer."""
    if not isinstance(document, Mapping):
        return {}
    texts = {key: document[key] for key in ("title", "currency", "version", "date", "run") if key in document}
    texts |= document.get("provenance") or {}
    if document.get("failures"):  # scenarios whose rows are missing
        texts["Without an answer"] = "; ".join(f"{name}: {why}" for name, why in document["failures"].items())
    return {key: text[:LONGEST] for key, text in texts.items() if isinstance(text, str)}


def _choose(tables: Mapping[str, Any], name: str | None) -> Any:
    """Return the table of a name, or the only one. Raises `HttpProblem`."""
    known = ", ".join(tables)
    if not tables:
        raise HttpProblem(
            406,
            "not-acceptable",
            "The reply cannot be sent in this media type",
            "it contains no table: accept application/json",
        )
    if name is None and len(tables) > 1:
        raise HttpProblem(
            406, "not-acceptable", "Which table?", f"choose one with ?table=NAME; there are {known}", "table"
        )
    if name is not None and name not in tables:
        raise HttpProblem(406, "not-acceptable", "There is no such table", f"there are {known}", "table")
    return tables[name] if name is not None else next(iter(tables.values()))


_Q = re.compile(r";\s*q\s*=\s*([^;\s]*)")


def wanted_form(accept: str) -> str | None:
    """Return "csv" or "parquet" where the header Accept prefers it to JSON, else None."""
    ranks: dict[str, float] = {}
    for part in accept.split(","):
        media = part.split(";")[0].strip().lower()
        found = _Q.search(part)
        try:
            ranks[media] = float(found[1]) if found else 1.0
        except ValueError:
            ranks[media] = 0.0
    order = [JSON, *MEDIA.values()]
    stated = [media for media in sorted(ranks, key=lambda media: -ranks[media]) if media in order and ranks[media] > 0]
    best = stated[0] if stated else JSON
    return next((form for form, media in MEDIA.items() if media == best), None)


def _inner_headers(scope: Scope, suffix: str) -> list[tuple[bytes, bytes]]:
    """Return the headers of a request with the tags of If-None-Match as the routes know them."""
    end = f'{suffix}"'
    out = []
    for key, value in scope["headers"]:
        if key == b"if-none-match":
            tags = [tag.strip() for tag in value.decode("latin-1").split(",")]
            own = [f'{tag.removesuffix(end)}"' for tag in tags if tag.endswith(end)]
            value = ", ".join(own).encode("latin-1")
        out.append((key, value))
    return out


def table_operations(document: Mapping[str, Any]) -> list[tuple[str, str, Described]]:
    """Return path, method and tables of every operation of an OpenAPI document, apart from those that send no JSON."""
    parts = document["components"]["schemas"]
    found = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation["responses"].get("200", {"content": {JSON: {}}}).get("content", {})
            if JSON in content:
                found.append((path, method.upper(), described_tables(content[JSON].get("schema", {}), parts)))
    return found


def describe_tables(document: dict[str, Any], refusal: Mapping[str, Any]) -> None:
    """Add CSV, Parquet, the parameter `table` and the refusal 406 to the operations of an OpenAPI document."""
    for path, method, described in table_operations(document):
        operation = document["paths"][path][method.lower()]
        operation["responses"]["406"] = refusal
        if not described:
            continue
        operation["responses"]["200"]["content"] |= {
            MEDIA["csv"]: {"schema": {"type": "string"}},
            MEDIA["parquet"]: {"schema": {"type": "string", "format": "binary"}},
        }
        names = [name for name, where in names_of(described).items() if EACH not in where]
        of_runs = any(EACH in where for where in described)
        schema = {"type": "string"} | ({"maxLength": 80} if of_runs else {"enum": names})
        text = "Which table to send as CSV or Parquet (Accept); not needed where there is one."
        operation.setdefault("parameters", []).append(
            {"name": "table", "in": "query", "required": False, "schema": schema, "description": text}
        )
