"""Serving: the same server as uvicorn's, which says where it listens once it does."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn


class Server(uvicorn.Server):
    """`said` is told HOST:PORT as soon as questions are answered there: before, port 0 stands for any."""

    def __init__(self, config: uvicorn.Config, said: Callable[[str], None]) -> None:
        super().__init__(config)
        self._said = said

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._said(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
