"""Which names this service answers to.

A page of somebody else's can make its own host name point here (DNS rebinding) and then read our answers as
its own. An address written in digits cannot be made to point elsewhere, so those are always good.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from ..model.errors import BadRequest
from ..model.settings import Settings

#: Characters of an IPv6 address in brackets, with the name of an interface.
_LONGEST = 64


def check_host(host: str, settings: Settings) -> None:
    """Refuse a request that was sent to a host name which is not ours.

    Args:
        host: of the request's Host header, without the port.
        settings: say what the service is called.

    Raises:
        BadRequest: the name is not ours.
    """
    name = host.lower().rstrip(".")
    if name in ("localhost", *settings.hosts) or _is_address(name):
        return
    tls = (settings.tls.url, settings.tls.s3_url) if settings.tls else ()
    if name in {
        (urlsplit(url).hostname or "").lower() for url in (settings.public_url, settings.s3_url, *tls)
    }:
        return
    raise BadRequest('This service is not called "{host}".', host=host[:100])


def _is_address(name: str) -> bool:
    return len(name) <= _LONGEST and _can_be_read(name.strip("[]"))


@lru_cache(1000)
def _can_be_read(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True
