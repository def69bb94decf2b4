"""A person's program that calls the JSON API and OCS, in the fewest words."""

from __future__ import annotations

from typing import Any

import httpx

from tests.sync_server import SyncServer

#: Open until the tests of a module are done; see `conftest.close_clients`.
CLIENTS: list[httpx.Client] = []


def client(**kwargs: Any) -> httpx.Client:
    """An HTTP client that is closed when the tests of the module are done."""
    made = httpx.Client(timeout=60, trust_env=False, verify=False, **kwargs)
    CLIENTS.append(made)
    return made


class Api:
    """Somebody with an app password; `auth=None` is nobody."""

    def __init__(self, server: SyncServer, user: str | None) -> None:
        self.server, self.user = server, user
        auth = (user, server.app_password(user)) if user else None
        self.http = client(base_url=server.url, auth=auth)

    def __call__(self, method: str, path: str, json: Any = None, status: int = 200, **kwargs: Any) -> Any:
        """Call api/v1; check the status, and return what the answer's JSON holds."""
        answer = self.http.request(method, f"/api/v1/{path}", json=json, **kwargs)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def error(self, method: str, path: str, json: Any = None) -> tuple[int, str]:
        """Call api/v1, which refuses: the status and the words."""
        answer = self.http.request(method, f"/api/v1/{path}", json=json)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["error"]["message"]

    def ocs(self, method: str, route: str, version: int = 2, /, **data: Any) -> httpx.Response:
        """Call OCS with a form, answered in JSON."""
        url = f"/ocs/v{version}.php/{route}"
        url += ("&" if "?" in url else "?") + "format=json"
        return self.http.request(method, url, data=data or None)

    def put(self, path: str, data: bytes = b"data") -> dict[str, Any]:
        """Store a file."""
        answer = self.http.put("/api/v1/content", params={"path": path}, content=data)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())

    def names(self, path: str = "/") -> list[str]:
        """The names in a folder."""
        return [node["name"] for node in self("GET", f"files?path={path}")["children"]]

    def share(self, path: str, grantee: str = "", kind: str = "user", **more: Any) -> dict[str, Any]:
        """Share something."""
        body = {"path": path, "kind": kind, "grantee": grantee, **more}
        return dict(self("POST", "shares", body, 201))


def link_token(share: dict[str, Any]) -> str:
    """The token in a link's address."""
    return str(share["url"].rpartition("/")[2])
