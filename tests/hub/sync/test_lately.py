"""A credential that was right a moment ago is not looked up first, and still ends when it is revoked."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import Connection

from cygnet_hub.services.sync.service.credentials import PROGRAM_SCOPES, issue_app_password
from cygnet_hub.services.sync.store import credentials
from tests.hub.sync.dav import USUAL, Dav
from tests.sync_server import SyncServer

LOCK = (
    '<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope>'
    "<d:locktype><d:write/></d:locktype></d:lockinfo>"
)
PATCH = (
    '<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><x xmlns="y:">z</x></d:prop></d:set></d:propertyupdate>'
)
REQUESTS = {
    "GET": None,
    "HEAD": None,
    "PUT": "other",
    "PROPFIND": None,
    "PROPPATCH": PATCH,
    "LOCK": LOCK,
    "UNLOCK": None,
    "MKCOL": None,
    "COPY": None,
    "MOVE": None,
    "DELETE": None,
}


@pytest.fixture(params=["express", "usual"])
def client(request: pytest.FixtureRequest, server: SyncServer, ada: Dav) -> Iterator[httpx.Client]:
    """Signed in with an app password that another process takes away after the first request."""
    assert ada.put("/lately", "contents").status in (201, 204)
    made = server.services.database.write_now(lambda c: issue_app_password(c, "ada", "x", PROGRAM_SCOPES))
    with httpx.Client(base_url=server.url, auth=("ada", made.secret)) as client:
        if request.param == "usual":
            client.headers.update(USUAL)
        assert client.get("/remote.php/dav/files/ada/lately").status_code == 200

        def revoke(connection: Connection) -> None:
            assert credentials.remove(connection, made.credential.id, "app-password")

        server.services.database.write_now(revoke)
        yield client


@pytest.mark.parametrize("method", REQUESTS)
def test_webdav_is_closed_at_once(client: httpx.Client, ada: Dav, method: str) -> None:
    headers = {"Destination": ada.url("/elsewhere"), "Lock-Token": "<opaquelocktoken:x>"}
    answer = client.request(
        method, "/remote.php/dav/files/ada/lately", content=REQUESTS[method], headers=headers
    )
    assert answer.status_code == 401
    assert ada.get("/lately") == b"contents"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_the_api_is_closed_at_once(client: httpx.Client, ada: Dav, method: str) -> None:
    assert client.request(method, "/api/v1/content?path=/lately").status_code == 401
    assert client.get("/api/v1/files?path=/").status_code == 401
    assert ada.get("/lately") == b"contents"


def test_a_block_after_wrong_guesses_covers_the_right_password_too(server: SyncServer, ada: Dav) -> None:
    token = base64.b64encode(b"ada:wrong").decode()
    for _ in range(10):
        assert ada("GET", "/", Authorization=f"Basic {token}").status == 401
    assert ada("PROPFIND", "/", Depth="0").status == 429
    server.forget_guesses()
    assert ada("PROPFIND", "/", Depth="0").status == 207
