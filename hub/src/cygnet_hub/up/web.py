"""Small requests to our own servers on this machine."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_SECONDS = 10.0


@dataclass(frozen=True)
class Reply:
    """`status` is 0 when nobody answered."""

    status: int
    body: bytes = b""

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


def request(
    method: str,
    url: str,
    *,
    token: str | None = None,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    seconds: float = _SECONDS,
) -> Reply:
    """Send one request, follow no redirect, and return the reply.

    Never through a proxy that the environment names: these servers are on this machine.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=seconds)
    sent = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body=body, headers=sent)
        response = connection.getresponse()
        return Reply(response.status, response.read())
    except (OSError, http.client.HTTPException):
        return Reply(0)
    finally:
        connection.close()
