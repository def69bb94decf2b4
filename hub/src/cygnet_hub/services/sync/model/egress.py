"""Where this service may go by itself: to hosts that an administrator has named, never to addresses inside.

Whoever asks for a copy names the address that this service then calls, from inside of its network. So the
host must be on a list, and the address that its name leads to is looked at as well: nobody should reach the
metadata of a cloud, or a database without a password, by a name that points there.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .errors import BadRequest, Forbidden

_PORTS = {"http": 80, "https": 443}
#: Printable ASCII: `urlsplit` itself passes over tabs and line ends.
_PLAIN = re.compile(r"[!-~]{1,8000}")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_])?|[0-9a-f:.]{2,45}")
#: Networks whose addresses stand for IPv4 ones: RFC 6052 and 8215 (NAT64), IPv4-compatible ones.
_EMBEDDING = [ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")]


@dataclass(frozen=True)
class Endpoint:
    """Something at another server.

    Args:
        scheme: "http" or "https".
        host: its name in lower case, or its address without brackets.
        port: its port.
        target: path and query, encoded.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What credentials are for."""
        return self.scheme, self.host, self.port

    @property
    def netloc(self) -> str:
        """The value of the Host header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if _PORTS[self.scheme] == self.port else f"{name}:{self.port}"

    @property
    def shown(self) -> str:
        """The address for people: without the query, in which there may be a token."""
        return f"{self.scheme}://{self.netloc}{self.target.partition('?')[0]}"


def parse_endpoint(url: str) -> Endpoint:
    """Read an absolute URL of a server.

    Raises:
        BadRequest: it is none, is not of HTTP, or carries a name and password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadRequest("The address of the other server cannot be read.") from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _PORTS or not _PLAIN.fullmatch(url) or not _NAME.fullmatch(host):
        raise BadRequest("The address of the other server must begin with https:// and a host.")
    if "@" in parts.netloc or parts.fragment or port == 0:
        raise BadRequest("The address of the other server has a part that does not belong there.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(parts.scheme, host, port or _PORTS[parts.scheme], target)


@dataclass(frozen=True)
class EgressPolicy:
    """Where this service may go.

    Args:
        hosts: names such as "eos.example.org", "*.example.org", "dav.example.org:8443", or "*" for any; only
            by HTTPS, and only while they lead outside.
        inside: names and addresses that may also lie inside, and be spoken to by plain HTTP.
        authorities: file or folder of certificate authorities that count besides those of the machine.
    """

    hosts: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    authorities: Path | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> EgressPolicy:
        """As the hub sets it."""
        authorities = environ.get("CYGNET_COPY_AUTHORITIES")
        return cls(
            tuple(environ.get("CYGNET_COPY_HOSTS", "").lower().split()),
            tuple(environ.get("CYGNET_COPY_INSIDE", "").lower().split()),
            Path(authorities) if authorities else None,
        )

    @property
    def enabled(self) -> bool:
        """Whether there is any host at all."""
        return bool(self.hosts or self.inside)

    def check(self, endpoint: Endpoint) -> None:
        """Refuse a server that is not on a list.

        Raises:
            Forbidden: see there.
        """
        if self.may_be_inside(endpoint):
            return
        if not _listed(endpoint, self.hosts):
            raise Forbidden("Copies from and to {server} are not allowed here.", server=endpoint.netloc)
        if endpoint.scheme != "https":
            raise Forbidden("Copies from and to {server} need https://.", server=endpoint.netloc)

    def check_address(self, endpoint: Endpoint, address: str) -> None:
        """Refuse an address that a name has led to, if it lies inside.

        Raises:
            Forbidden: see there.
        """
        if not self.may_be_inside(endpoint) and not is_outside(address):
            raise Forbidden("Copies from and to {server} are not allowed here.", server=endpoint.netloc)

    def may_be_inside(self, endpoint: Endpoint) -> bool:
        """Whether an administrator has named this server as one that may lie inside."""
        return _listed(endpoint, self.inside)


def _listed(endpoint: Endpoint, patterns: Iterable[str]) -> bool:
    return any(_fits(endpoint, pattern) for pattern in patterns)


def _fits(endpoint: Endpoint, pattern: str) -> bool:
    match = re.fullmatch(r"(\[[0-9a-f:.]+\]|[^:]*)(?::(\d+))?", pattern)
    if match is None or (match[2] and int(match[2]) != endpoint.port):
        return False
    name = match[1].strip("[]")
    if name.startswith("*."):
        return endpoint.host.endswith(name[1:])
    return name in ("*", endpoint.host)


def is_outside(address: str) -> bool:
    """Whether an IP address is one of the public internet, in whatever form it is written."""
    try:
        ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        return _is_outside_6(ip)
    return ip.is_global and not ip.is_multicast


def _is_outside_6(ip: ipaddress.IPv6Address) -> bool:
    if any(ip in network for network in _EMBEDDING) or ip.teredo or ip.is_site_local:
        return False
    inner = ip.ipv4_mapped or ip.sixtofour
    if inner is not None:
        return is_outside(str(inner))
    return ip.is_global and not ip.is_multicast
