"""Access keys of S3, made as a person makes them."""

from __future__ import annotations

from typing import Any, NamedTuple

import httpx

from tests.sync_server import SyncServer


class Key(NamedTuple):
    """An access key."""

    id: str
    secret: str


def person(server: SyncServer, user: str) -> httpx.Client:
    """Somebody who is logged in, as a client of the JSON API."""
    return httpx.Client(
        base_url=f"{server.url}/api/v1/",
        headers={"Authorization": f"Bearer hub-token-of-{user}"},
        timeout=60,
        trust_env=False,
        verify=False,
    )


def make_key(server: SyncServer, user: str, **limits: Any) -> Key:
    """A new key of `user`."""
    with person(server, user) as http:
        answer = http.post("keys", json={"label": "test", **limits})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["endpoint"] == server.s3
    return Key(made["id"], made["secret"])


def remove_key(server: SyncServer, user: str, key: Key) -> int:
    """Revoke a key; the status of the answer."""
    with person(server, user) as http:
        return http.delete(f"keys/{key.id}").status_code
