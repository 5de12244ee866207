"""Serving: where a desk listens, by what names it answers, and the link that leads to it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn

from entrepot.desk.guard import ANY_ADDRESS, HERE

#: Addresses for documentation (RFC 5737, RFC 3849), to which nothing is ever sent.
_ELSEWHERE = {socket.AF_INET: ("192.0.2.1", 9), socket.AF_INET6: ("2001:db8::1", 9)}


class Server(uvicorn.Server):
    """The same server as uvicorn's. `said` is told HOST:PORT as soon as questions are answered there: before, port 0
    stands for any.
    """

    def __init__(self, config: uvicorn.Config, said: Callable[[str], None]) -> None:
        super().__init__(config)
        self._said = said

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._said(address(self.servers[0].sockets[0].getsockname()))


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; on every address of both kinds for "::", where the machine can. Raises `OSError`."""
    if ":" not in host:
        return socket.create_server((host, port))
    both = _is_every(host) and socket.has_dualstack_ipv6()
    return socket.create_server((host, port), family=socket.AF_INET6, dualstack_ipv6=both)


def address(bound: Any) -> str:
    """HOST:PORT of a link to a socket's address; for a desk on every address, the machine's own or localhost."""
    host, port = bound[:2]
    if _is_every(host):
        host = _own_address(socket.AF_INET6 if ":" in host else socket.AF_INET) or "localhost"
    return f"{_bracketed(host)}:{port}"


def names_of(host: str, more: Sequence[str] = ()) -> tuple[str, ...]:
    """The names by which a desk that listens on `host` may be asked, `more` of them included."""
    more = [name.lower() for name in more]
    if is_here(host):
        return (*HERE, _bracketed(host), *more)
    own = socket.gethostname().lower()
    return (*HERE, ANY_ADDRESS, host.lower(), own, f"{own}.local", socket.getfqdn().lower(), *more)


def is_here(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_every(host: str) -> bool:
    return host in ("", "0.0.0.0", "::")


def _bracketed(host: str) -> str:
    """A host as links have it."""
    return f"[{host.replace('%', '%25')}]" if ":" in host else host


def _own_address(family: socket.AddressFamily) -> str | None:
    """The address that this machine has to others; None where it has none."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.connect(_ELSEWHERE[family])  # which only looks up the way there
            found: str = asked.getsockname()[0]
            return found
    except OSError:
        return None
