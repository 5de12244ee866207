"""The guard of the desk: it checks the origin, host, token, size and rate of requests, and sets security headers."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import time
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from entrepot.desk.http_problems import MEDIA, HttpProblem
from entrepot.desk.json_body import encoded
from entrepot.desk.workers import Limits
from entrepot.languages import preferred, speaking

#: The host names of a desk that only this machine can reach.
HERE = ("localhost", "127.0.0.1", "[::1]")
#: Allows every IP address as a host. A DNS name that someone else points here is still refused.
ANY_ADDRESS = "*"

#: Where the pictures are that pages of other sites may frame; everything else refuses to be framed.
EMBED = "/embed/"
#: Where files are uploaded, after the root of the API: passed on as they arrive, with a limit of their own.
UPLOAD = "/economies"

HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """ASGI middleware that refuses requests before they are parsed: 400 (too deep), 401, 403, 408, 413, 421, 429."""

    def __init__(
        self, app: Any, limits: Limits, token: str | None = None, hosts: Sequence[str] = HERE, root: str = ""
    ) -> None:
        self._app, self._limits, self._token, self._hosts, self._root = app, limits, token, set(hosts), root
        self._clients: dict[str, tuple[float, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000, "reason": "the desk has no websockets"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                framed = scope["path"].startswith(EMBED)
                more = [
                    (k.encode(), v.encode())
                    for k, v in HEADERS.items()
                    if k.encode() not in given and not (framed and k == "x-frame-options")
                ]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        uploads = scope["method"] == "POST" and scope["path"] == self._root + UPLOAD
        try:
            self._admit(scope, self._limits.upload if uploads else self._limits.body)
            body = b"" if uploads else await self._in_time(scope, receive)
        except HttpProblem as problem:
            if uploads and problem.status == 413:
                await self._discard(receive)
            with speaking(preferred(Headers(scope=scope).get("accept-language", ""))):
                await _send_problem(problem, with_headers)
            return
        await self._app(scope, self._counted(receive) if uploads else _replayed(body, receive), with_headers)

    def _counted(self, receive: Receive) -> Receive:
        """Return a `receive` for an upload, which refuses it once it is too large or too slow."""
        limits, size, end = self._limits, 0, time.monotonic() + self._limits.uploading

        async def counted() -> Message:
            nonlocal size
            try:
                async with asyncio.timeout(max(end - time.monotonic(), 0.0)):
                    message = await receive()
            except TimeoutError:
                raise _too_slow(limits.uploading) from None
            size += len(message.get("body", b""))
            if size > limits.upload:
                await self._discard(receive)
                raise _too_large(limits.upload)
            return message

        return counted

    async def _discard(self, receive: Receive) -> None:
        """Read the rest of an upload that is refused and keep nothing of it, so that its sender reads the answer."""
        left = 4 * self._limits.upload
        try:
            async with asyncio.timeout(self._limits.sending):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if message["type"] == "http.disconnect" or not message.get("more_body", False):
                        return
        except TimeoutError:
            return

    def _admit(self, scope: Scope, largest: int) -> None:
        headers = dict(scope["headers"])
        self._check_host(headers.get(b"host", b"").decode("latin-1"))
        client = str((scope.get("client") or ("?",))[0])
        if scope["path"].startswith(EMBED):
            self._admit_frame(client)
            return
        if not scope["path"].startswith(self._root):
            return  # the files of the page are public
        _check_site(headers)
        if self._token is not None:
            given = headers.get(b"authorization", b"").decode("latin-1")
            if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                detail = "send the header 'Authorization: Bearer TOKEN' with the token that the desk printed"
                raise HttpProblem(401, "token", "A token is needed", detail, headers={"WWW-Authenticate": "Bearer"})
        self._count(client)
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > largest:
            raise _too_large(largest)

    def _admit_frame(self, client: str) -> None:
        """Admit a frame: a desk with a token has none, and frames have a bucket of their own.

        A page of another site that frames many of them can thus not lock its visitor out of the desk.
        """
        if self._token is not None:
            detail = "a desk with a token has no frames, because a frame could not send it; save the figure as a file"
            raise HttpProblem(401, "token", "A token is needed", detail, headers={"WWW-Authenticate": "Bearer"})
        self._count(f"frames of {client}")

    def _check_host(self, host: str) -> None:
        """Refuse unknown host names, so that a page elsewhere cannot read answers by pointing its name here."""
        name = host.rsplit(":", 1)[0] if host.rpartition(":")[2].isdigit() else host
        if name.lower() not in self._hosts and not (ANY_ADDRESS in self._hosts and _is_address(name)):
            detail = "the desk answers only under the names that it was started with; add one with --name"
            raise HttpProblem(421, "host", "Unknown host name", detail)

    def _count(self, client: str) -> None:
        """Count a request in a bucket of `burst` requests, which refills by `rate` a second."""
        now = time.monotonic()
        left, then = self._clients.get(client, (float(self._limits.burst), now))
        left = min(float(self._limits.burst), left + self._limits.rate * (now - then)) - 1.0
        self._clients[client] = (max(left, -1.0), now)
        if len(self._clients) > 10_000:
            self._clients = {k: v for k, v in self._clients.items() if now - v[1] < 60}
        if left < 0:
            detail = f"send at most {self._limits.rate:g} requests a second"
            raise HttpProblem(429, "too-often", "Too many requests", detail, headers={"Retry-After": "1"})

    async def _in_time(self, scope: Scope, receive: Receive) -> bytes:
        """Return the body; refuse one that arrives too slowly, because it would block others."""
        try:
            async with asyncio.timeout(self._limits.sending):
                return await self._body(scope, receive)
        except TimeoutError:
            raise _too_slow(self._limits.sending) from None

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        if scope["method"] not in ("POST", "PUT", "PATCH"):
            return b""
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            more = message.get("more_body", False)
            if size > self._limits.body:
                raise _too_large(self._limits.body)
        body = b"".join(parts)
        _check_text(body)
        if depth(body) > self._limits.depth:
            detail = f"its brackets are nested more than {self._limits.depth} deep"
            raise HttpProblem(400, "too-deep", "The request is nested too deeply", detail)
        return body


def _too_large(most: int) -> HttpProblem:
    detail = f"a request of this kind may have at most {most:,} bytes"
    return HttpProblem(413, "too-large", "The request is too large", detail)


def _too_slow(seconds: float) -> HttpProblem:
    return HttpProblem(408, "too-slow", "The request arrived too slowly", f"not sent within {seconds:g} seconds")


def _check_text(body: bytes) -> None:
    """Refuse encodings other than UTF-8, including those that a JSON reader would guess from the bytes."""
    try:
        if "\0" not in body.decode():
            return
        detail = "it has a NUL; send JSON in UTF-8"
    except UnicodeDecodeError as error:
        detail = f"byte {error.start} is not UTF-8"
    raise HttpProblem(400, "json", "The request is not JSON", detail)


def _is_address(name: str) -> bool:
    try:
        bare = name.removeprefix("[").removesuffix("]")
        return name == (f"[{bare}]" if ipaddress.ip_address(bare).version == 6 else bare)
    except ValueError:
        return False


def _check_site(headers: dict[bytes, bytes]) -> None:
    """Refuse requests from a page of another site, port or name.

    Such a page could not read the response, but its requests would cost work and count against its visitor. Browsers
    state the origin of a page; programs send no such header.
    """
    site = headers.get(b"sec-fetch-site", b"none").lower()
    origin = headers.get(b"origin")
    own = origin is None or origin.lower().partition(b"://")[2] == headers.get(b"host", b"").lower()
    if site not in (b"same-origin", b"none") or not own:
        detail = "the desk answers only its own page, and programs; a page of another site, port or name may link to it"
        raise HttpProblem(403, "foreign", "Sent by a page of another site", detail)


def depth(body: bytes) -> int:
    """Return how deep the brackets of a JSON text are nested, apart from brackets inside strings."""
    deepest = level = 0
    inside = escaped = False
    for c in body:
        if inside:
            if escaped:
                escaped = False
            elif c == 0x5C:
                escaped = True
            elif c == 0x22:
                inside = False
        elif c == 0x22:
            inside = True
        elif c in (0x5B, 0x7B):
            level += 1
            deepest = max(deepest, level)
        elif c in (0x5D, 0x7D):
            level -= 1
    return deepest


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _send_problem(problem: HttpProblem, send: Send) -> None:
    body = encoded(problem.document())
    headers = [(b"content-type", MEDIA.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(k.lower().encode(), v.encode()) for k, v in problem.headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
