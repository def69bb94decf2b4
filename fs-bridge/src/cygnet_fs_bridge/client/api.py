"""Client of the service's JSON API: the tree, people and shares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .. import errors
from ..models import Account, AppPassword, Json, Node, Person, Share, as_object
from ..transport import Body
from .caller import Caller

_BASE = "api/v1/"


def _objects(answer: object, key: str) -> list[Json]:
    try:
        return [as_object(item, key) for item in as_object(answer, "answer")[key] or ()]
    except (KeyError, ValueError, TypeError) as error:
        raise errors.ServiceError(f"The answer of the service has no {key!r}") from error


def _checked(build: Any, answer: object) -> Any:
    try:
        return build(as_object(answer, "answer"))
    except ValueError as error:
        raise errors.ServiceError(f"The answer of the service is not understood: {error}") from error


def upload_headers(
    size: int,
    *,
    mtime: float | None = None,
    if_match: str | None = None,
    create: bool = False,
    sha1: str = "",
) -> dict[str, str]:
    """Return the headers of an upload.

    Args:
        size: bytes of the body.
        mtime: time stamp to give the file, unix seconds.
        if_match: etag, without quotes, that the file must still have.
        create: the file must not exist.
        sha1: checksum in hexadecimal, which the service verifies.
    """
    headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
    if mtime is not None:
        headers["X-OC-Mtime"] = f"{mtime:.6f}".rstrip("0").rstrip(".")
    if if_match is not None:
        headers["If-Match"] = f'"{if_match}"'
    if create:
        headers["If-None-Match"] = "*"
    if sha1:
        headers["OC-Checksum"] = f"SHA1:{sha1}"
    return headers


class ApiClient:
    """The JSON API (`api/v1`). Paths begin with `/` and are in the caller's own tree.

    Every method raises ServiceError, in the kind that fits.
    """

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    async def _json(self, method: str, route: str, data: object = None, **more: Any) -> Any:
        return await self.caller.call_json(method, _BASE + route, data, **more)

    async def me(self) -> Account:
        """Return who the caller is, with the quota."""
        account: Account = _checked(Account.from_json, await self._json("GET", "me"))
        return account

    async def listing(self, path: str) -> tuple[Node, list[Node] | None]:
        """Return what lies at `path`, and its children if it is a folder, else None."""
        answer = await self._json("GET", "files", query={"path": path}, path=path)
        node: Node = _checked(Node.from_json, as_object(answer, "answer").get("node"))
        if not node.is_folder:
            return node, None
        return node, [_checked(Node.from_json, child) for child in _objects(answer, "children")]

    async def stat(self, path: str) -> Node:
        """Return what lies at `path`."""
        return (await self.listing(path))[0]

    async def mkdir(self, path: str) -> Node:
        """Make a folder; its parent has to exist."""
        with errors.meaning({errors.Unsupported: errors.AlreadyExists, errors.Conflict: errors.NotFound}):
            answer = await self._json("POST", "folders", {"path": path}, path=path)
        node: Node = _checked(Node.from_json, answer)
        return node

    async def move(self, source: str, destination: str, overwrite: bool = False) -> Node:
        """Move or rename; with `overwrite` what lies at the destination is replaced."""
        return await self._two_paths("files/move", source, destination, overwrite)

    async def copy(self, source: str, destination: str, overwrite: bool = False) -> Node:
        """Copy a file or a folder with all in it, inside the service."""
        return await self._two_paths("files/copy", source, destination, overwrite)

    async def _two_paths(self, route: str, source: str, destination: str, overwrite: bool) -> Node:
        data = {"source": source, "destination": destination, "overwrite": overwrite}
        with errors.meaning({errors.Changed: errors.AlreadyExists, errors.Conflict: errors.NotFound}):
            answer = await self._json("POST", route, data, path=source)
        node: Node = _checked(Node.from_json, answer)
        return node

    async def delete(self, paths: Iterable[str]) -> None:
        """Delete files and folders; raise the first error after all have been tried."""
        for error in (await self._delete({"paths": list(paths)})).values():
            raise error

    async def delete_unchanged(self, etags: Mapping[str, str | None]) -> dict[str, errors.ServiceError]:
        """Delete files of these versions, by path, and empty folders, for which there is None.

        Returns:
            What went wrong, by path; what is not named there is gone.
        """
        versions = {path: etag for path, etag in etags.items() if etag is not None}
        return await self._delete({"paths": list(etags), "etags": versions, "only_empty": True})

    async def _delete(self, body: Mapping[str, object]) -> dict[str, errors.ServiceError]:
        found: dict[str, errors.ServiceError] = {}
        for failed in _objects(await self._json("POST", "files/delete", body), "failed"):
            path = str(failed.get("path"))
            code, words = _code_and_words(failed.get("error"))
            found[path] = errors.named(code, words, path)
        return found

    async def put(self, path: str, body: Body, headers: Mapping[str, str]) -> Node:
        """Write a file in one request; `headers` as `upload_headers` makes them."""
        with errors.meaning({errors.Unsupported: errors.FileExpected, errors.Conflict: errors.NotFound}):
            _, answer = await self.caller.call(
                "PUT", _BASE + "content", query={"path": path}, headers=headers, body=body, path=path
            )
        node: Node = _checked(Node.from_json, _decoded(answer))
        return node

    async def search(self, query: str, limit: int = 100) -> list[Node]:
        """Return what has `query` in its name."""
        answer = await self._json("GET", "search", query={"q": query, "limit": str(limit)})
        return [_checked(Node.from_json, node) for node in _objects(answer, "nodes")]

    async def people(self, query: str) -> list[Person]:
        """Return people and groups whose name begins with or has `query`."""
        answer = await self._json("GET", "people", query={"q": query})
        return [_checked(Person.from_json, person) for person in _objects(answer, "people")]

    async def shares(self, view: str, path: str | None = None) -> list[Share]:
        """Return shares; `view` is `item` (with `path`), `with-me`, `by-me` or `links`."""
        query = {"view": view} | ({"path": path} if path is not None else {})
        answer = await self._json("GET", "shares", query=query, path=path or "")
        return [_checked(Share.from_json, share) for share in _objects(answer, "shares")]

    async def create_share(self, settings: Json) -> Share:
        """Share an item; `settings` has path, kind, grantee, role, password, expires and note."""
        answer = await self._json("POST", "shares", dict(settings), path=str(settings.get("path", "")))
        share: Share = _checked(Share.from_json, answer)
        return share

    async def update_share(self, share_id: str, settings: Json) -> Share:
        """Change role, password, expires or note of a share."""
        share: Share = _checked(
            Share.from_json, await self._json("PATCH", f"shares/{share_id}", dict(settings))
        )
        return share

    async def delete_share(self, share_id: str) -> None:
        """Take a share back."""
        await self._json("DELETE", f"shares/{share_id}")

    async def answer_share(self, share_id: str, accept: bool) -> None:
        """Accept or decline what somebody shares with the caller."""
        await self._json("POST", f"shares/{share_id}/{'accept' if accept else 'decline'}", {})

    async def copy_share(self, share_id: str, destination: str) -> Node:
        """Copy a shared item into the folder `destination` of the caller; the service picks a free name."""
        answer = await self._json("POST", f"shares/{share_id}/copy", {"destination": destination})
        node: Node = _checked(Node.from_json, answer)
        return node

    async def create_app_password(self, label: str) -> AppPassword:
        """Make a password for one program."""
        answer = await self._json("POST", "app-passwords", {"label": label})
        made: AppPassword = _checked(AppPassword.from_json, answer)
        return made


def _decoded(answer: bytes) -> object:
    try:
        return json.loads(answer)
    except ValueError as error:
        raise errors.ServiceError("The answer is not what a Cygnet service sends") from error


def _code_and_words(error: object) -> tuple[str, str]:
    if isinstance(error, Mapping):
        return str(error.get("code", "")), str(error.get("message", ""))
    return "", str(error)
