"""The OCS Share API, as sync clients and other platforms' notebooks use it."""

from __future__ import annotations

from typing import Any, ClassVar

from ...model.errors import BadRequest, Unsupported
from ...model.names import clean_path
from ...model.node import EDITOR, VIEWER, Permission
from ...model.sharing import ShareChange, ShareKind, ShareRequest, State, expiry_date
from ...service.directory import Person
from ...service.share_views import SharedItem
from ..base import Access
from .base import OcsHandler

KINDS: dict[int, ShareKind] = {0: "user", 1: "group", 3: "link"}
NUMBERS = {kind: number for number, kind in KINDS.items()}
STATES: dict[State, int] = {"accepted": 0, "pending": 1, "declined": 2}
MAX_SHAREES = 200


class SharesHandler(OcsHandler):
    """Lists of shares, and new ones."""

    access: ClassVar[Access] = Access.USER

    async def get(self, _version: str) -> None:
        """GET shares, ?path=/a, ?shared_with_me=true[&state=all|0|1|2]: a list."""
        views, path = self.services.share_views, self.given("path")
        if self.flag("shared_with_me"):
            items = self._in_state(await views.listing(self.principal, "with-me"))
        elif path is not None:
            items = await views.of_path(self.principal, clean_path(path))
        else:
            items = await views.listing(self.principal, "by-me") + await views.listing(
                self.principal, "links"
            )
        kinds = self._kinds()
        self.send([ocs_share(item) for item in items if item.row.kind in kinds])

    def _in_state(self, items: list[SharedItem]) -> list[SharedItem]:
        wanted = self.text("state", "0").lower()
        return [item for item in items if wanted in ("all", str(STATES[item.state]))]

    def _kinds(self) -> set[str]:
        asked = self.given("share_types")
        numbers = (asked or "0,1,3").split(",")
        return {kind for number, kind in KINDS.items() if str(number) in numbers}

    async def post(self, _version: str) -> None:
        """POST shares: path, shareType, shareWith, permissions, password, expireDate, note, label."""
        number = self.number("shareType")
        if number is None or number not in KINDS:
            raise Unsupported("Only shares with people, groups and by link are offered here.")
        kind, path = KINDS[number], self.given("path")
        if not path:
            raise BadRequest("Say what to share: the path is missing.")
        path = clean_path(path)
        request = ShareRequest(
            path=path,
            kind=kind,
            grantee=self.text("shareWith") if kind != "link" else "",
            permissions=await self._permissions(path, kind),
            password=self.text("password"),
            expires=self.text("expireDate"),
            note=self.text("note"),
            label=self.text("label") or self.text("name"),
        )
        self.send(ocs_share(await self.services.shares.create(self.principal, request)))

    async def _permissions(self, path: str, kind: ShareKind) -> Permission:
        """What was asked for; else everything that one has for people, and looking for a link."""
        number = self.number("permissions")
        if number is not None:
            return _permission(number)
        if kind == "link":
            return EDITOR if self.flag("publicUpload") else VIEWER
        return (await self.services.tree.stat(self.principal, path)).permissions


class ShareHandler(OcsHandler):
    """One share."""

    access: ClassVar[Access] = Access.USER

    async def get(self, _version: str, share_id: str) -> None:
        """GET shares/ID: a list of one."""
        self.send([ocs_share(await self.services.share_views.one(self.principal, int(share_id)))])

    async def put(self, _version: str, share_id: str) -> None:
        """PUT shares/ID: permissions, publicUpload, password, expireDate, note, label; what is left out
        stays.
        """
        number, upload = self.number("permissions"), self.given("publicUpload")
        permissions = _permission(number) if number is not None else None
        if permissions is None and upload is not None:
            permissions = EDITOR if self.flag("publicUpload") else VIEWER
        label = self.given("label")
        change = ShareChange(
            permissions=permissions,
            password=self.given("password"),
            expires=self.given("expireDate"),
            note=self.given("note"),
            label=self.given("name") if label is None else label,
        )
        self.send(ocs_share(await self.services.shares.change(self.principal, int(share_id), change)))

    async def delete(self, _version: str, share_id: str) -> None:
        """DELETE shares/ID: ends it; for whoever received it, declines it."""
        await self.services.shares.remove(self.principal, int(share_id))
        self.send([])


class PendingSharesHandler(OcsHandler):
    """What waits for an answer."""

    access: ClassVar[Access] = Access.USER

    async def get(self, _version: str) -> None:
        """GET shares/pending: a list."""
        items = await self.services.share_views.listing(self.principal, "with-me")
        self.send([ocs_share(item) for item in items if item.state == "pending"])


class PendingShareHandler(OcsHandler):
    """Answering."""

    access: ClassVar[Access] = Access.USER

    async def post(self, _version: str, share_id: str) -> None:
        """POST shares/pending/ID: accept."""
        item = await self.services.shares.answer(self.principal, int(share_id), "accepted")
        self.send([ocs_share(item)])

    async def delete(self, _version: str, share_id: str) -> None:
        """DELETE shares/pending/ID: decline."""
        item = await self.services.shares.answer(self.principal, int(share_id), "declined")
        self.send([ocs_share(item)])


class RemoteSharesHandler(OcsHandler):
    """Shares from other platforms; there are none."""

    access: ClassVar[Access] = Access.USER

    def get(self, _version: str) -> None:
        """GET remote_shares and remote_shares/pending: an empty list."""
        self.send([])


class ShareesHandler(OcsHandler):
    """People and groups to share with."""

    access: ClassVar[Access] = Access.USER

    async def get(self, _version: str) -> None:
        """GET sharees?search=ab: exact matches by themselves, as the dialect has it."""
        word, page = self.text("search").strip()[:200], self.number("page") or 1
        size = min(self.number("perPage") or self.number("limit") or 50, MAX_SHAREES)
        find = self.services.directory.find
        found = await find(word, MAX_SHAREES, self.principal.user) if word else []
        others = [one for one in found if one.kind == "group" or one.name != self.principal.user]
        shown = others[(page - 1) * size : page * size]
        exact = [
            one for one in shown if word.casefold() in (one.name.casefold(), one.display_name.casefold())
        ]
        rest = [one for one in shown if one not in exact]
        self.send({"exact": _sorted_out(exact), **_sorted_out(rest)})


def _sorted_out(people: list[Person]) -> dict[str, Any]:
    users = [_sharee(person, 0) for person in people if person.kind == "user"]
    groups = [_sharee(person, 1) for person in people if person.kind == "group"]
    return {"users": users, "groups": groups, "remotes": [], "emails": [], "remote_groups": [], "lookup": []}


def _sharee(person: Person, number: int) -> dict[str, Any]:
    value = {"shareType": number, "shareWith": person.name}
    return {"label": person.display_name, "value": value, "shareWithDisplayNameUnique": person.name}


def _permission(number: int) -> Permission:
    if not 0 < number <= 31:
        raise BadRequest("The permissions of a share are a number from 1 to 31.")
    return Permission(number)


def ocs_share(item: SharedItem) -> dict[str, Any]:
    """A share as the OCS Share API has it; ids are those of nodes and shares, times seconds since 1970."""
    row, node, grantee = item.row, item.node, item.grantee
    expires = expiry_date(row.expires)
    owner_only = {"url": item.url, "token": item.url.rpartition("/")[2]} if item.url else {}
    secret = "***redacted***" if row.password_hash else None
    return {
        "id": str(row.id),
        "share_type": NUMBERS[row.kind],  # type: ignore[index]  # only the three kinds are stored
        "uid_owner": row.initiator,
        "displayname_owner": item.initiator.display_name,
        "uid_file_owner": row.owner,
        "displayname_file_owner": item.owner.display_name,
        "permissions": row.permissions,
        "can_edit": item.mine,
        "can_delete": item.mine,
        "stime": int(row.created),
        "parent": None,
        "expiration": f"{expires} 00:00:00" if expires else None,
        "note": row.note,
        "label": row.label,
        "name": row.label,
        "path": item.path or f"/{node.name}",
        "file_target": item.path or f"/{node.name}",
        "item_type": "folder" if node.folder else "file",
        "mimetype": item.mime,
        "has_preview": False,
        "storage_id": f"home::{row.owner}",
        "storage": node.space,
        "item_source": node.id,
        "file_source": node.id,
        "file_parent": node.parent,
        "item_size": node.size,
        "item_mtime": int(node.mtime),
        "state": STATES[item.state],
        "status": [],
        "mail_send": 0,
        "hide_download": 0,
        "attributes": None,
        "share_with": grantee.name if grantee else secret,
        "share_with_displayname": grantee.display_name if grantee else "",
        "password": secret if grantee is None else None,
        **owner_only,
    }
