"""The server of a desk: the address where it listens, the host names that it accepts, and the link to it."""

from __future__ import annotations

import ipaddress
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn

from entrepot.desk.guard import ANY_ADDRESS, HERE

#: Addresses reserved for documentation (RFC 5737, RFC 3849); nothing is ever sent to them.
_ELSEWHERE = {socket.AF_INET: ("192.0.2.1", 9), socket.AF_INET6: ("2001:db8::1", 9)}


class Server(uvicorn.Server):
    """The uvicorn server, which calls `ready` with HOST:PORT once it answers requests.

    Before that the port is unknown where port 0 stands for any free port.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the server and report its address."""
        await super().startup(sockets)
        self._end_with_the_terminal()
        if self.started:
            self._ready(address(self.servers[0].sockets[0].getsockname()))

    def _end_with_the_terminal(self) -> None:
        """End at SIGHUP as at SIGTERM: answer the requests that are open, and end the workers."""
        main = threading.current_thread() is threading.main_thread()
        if main and hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, lambda _, frame: self.handle_exit(signal.SIGTERM, frame))


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address; "::" means all of IPv6 and IPv4 if possible. Raises `OSError`."""
    if ":" not in host:
        return socket.create_server((host, port))
    both = _is_every(host) and socket.has_dualstack_ipv6()
    return socket.create_server((host, port), family=socket.AF_INET6, dualstack_ipv6=both)


def address(bound: Any) -> str:
    """Return HOST:PORT for a link to a socket; on every address, that of the machine or localhost."""
    host, port = bound[:2]
    if _is_every(host):
        host = _own_address(socket.AF_INET6 if ":" in host else socket.AF_INET) or "localhost"
    return f"{_bracketed(host)}:{port}"


def names_of(host: str, more: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the host names that a desk on `host` accepts, including `more`."""
    more = [name.lower() for name in more]
    if is_here(host):
        return (*HERE, _bracketed(host), *more)
    own = socket.gethostname().lower()
    return (*HERE, ANY_ADDRESS, host.lower(), own, f"{own}.local", socket.getfqdn().lower(), *more)


def is_here(host: str) -> bool:
    """Return whether only this machine can reach the address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_every(host: str) -> bool:
    return host in ("", "0.0.0.0", "::")


def _bracketed(host: str) -> str:
    """Return a host as in a link: an IPv6 address in brackets."""
    return f"[{host.replace('%', '%25')}]" if ":" in host else host


def _own_address(family: socket.AddressFamily) -> str | None:
    """Return the address of this machine in its network; None where it has none."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(_ELSEWHERE[family])  # looks up the route without sending anything
            found: str = probe.getsockname()[0]
            return found
    except OSError:
        return None
