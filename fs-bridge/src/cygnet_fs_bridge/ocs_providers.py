"""Sharing on services that speak the OCS Share API: ownCloud, oCIS and CERNBox, and Nextcloud.

They differ in how received shares are listed and declined, in notes, and in whether numbers are numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from . import errors
from .client.caller import Caller
from .client.dav import DavClient
from .client.ocs import OcsClient
from .models import Json, Node, NodeKind, Owner, Person, PersonKind, Role, Share, ShareKind, ShareState
from .providers import Part, ShareRequest, ShareUpdate, View
from .transport import Response

_KINDS: Mapping[int, ShareKind] = {0: "user", 1: "group", 3: "link"}
_NUMBERS = {kind: number for number, kind in _KINDS.items()}
_STATES: Mapping[int, ShareState] = {0: "accepted", 1: "pending", 2: "declined"}
_READ, _CHANGE, _CREATE, _DELETE = 1, 2, 4, 8
_COPIES = 100  # names that are tried for a copy


class OcsProvider:
    """What the dialects have in common.

    Args:
        caller: reaches the service.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller, self._ocs = caller, OcsClient(caller)

    async def find_people(self, query: str) -> Sequence[Person]:
        """Return people and groups that match what somebody typed; exact matches first."""
        found = await self._ocs.sharees(query)
        people: dict[tuple[str, str], Person] = {}
        for place in (found.get("exact") or {}, found):
            for person in (*_people(place, "users", "user"), *_people(place, "groups", "group")):
                people.setdefault((person.kind, person.id), person)
        return list(people.values())

    async def list_shares(self, view: View, path: str | None = None) -> Sequence[Share]:
        """Return shares."""
        if view == "with-me":
            return _shares(await self._received(), received=True)
        query = {"path": path or "/", "reshares": "true"} if view == "item" else {}
        shares = _shares(await self._ocs.shares(**query))
        if view == "item":
            return shares
        return [share for share in shares if (share.kind == "link") == (view == "links")]

    async def _received(self) -> list[Json]:
        raise NotImplementedError

    async def create(self, request: ShareRequest) -> Share:
        """Share an item; the service says what it is only in its answer, so rights are set in a second step.

        Editing a file and editing a folder are different numbers, and each is refused for the other.
        """
        form = {"path": request.path, "shareType": str(_NUMBERS[request.kind]), "permissions": str(_READ)}
        if request.grantee is not None:
            form["shareWith"] = request.grantee
        form |= self._form(request.password, request.expires, request.note or None)
        share = share_of(await self._ocs.create(**form))
        if request.role == "viewer":
            return share
        try:
            return await self.update(share.id, ShareUpdate(role=request.role))
        except errors.ServiceError:
            await self.remove(share.id)
            raise

    async def update(self, share_id: str, change: ShareUpdate) -> Share:
        """Change a share."""
        form = self._form(change.password, change.expires, change.note)
        if change.role is not None:
            form["permissions"] = str(permissions(change.role, share_of(await self._ocs.one(share_id)).item))
        if form:
            await self._ocs.update(share_id, **form)
        return share_of(await self._ocs.one(share_id))

    def _form(self, password: str | None, expires: str | None, note: str | None) -> dict[str, str]:
        given = {"password": password, "expireDate": expires, "note": note}
        return {name: value for name, value in given.items() if value is not None}

    async def remove(self, share_id: str) -> None:
        """Take a share back."""
        await self._ocs.delete(share_id)

    async def answer(self, share_id: str, accept: bool) -> None:
        """Accept or decline what somebody shares with the person."""
        await self._ocs.answer(share_id, accept)

    async def copy(self, share_id: str, destination: str) -> Node:
        """Copy a shared item into a folder of the person, under a free name."""
        found = next((one for one in await self.list_shares("with-me") if one.id == share_id), None)
        if found is None:
            raise errors.NotFound("Nobody shares this with you any more")
        if found.path is None:
            await self.answer(share_id, accept=True)
            found = next(one for one in await self.list_shares("with-me") if one.id == share_id)
        user = str((await self._ocs.user())["id"])
        return await _copied(DavClient(self._caller, user), found, destination)

    def look(self, share_id: str, part: Part, path: str) -> AbstractAsyncContextManager[Response]:
        """Raise Unsupported: OCS shows nothing of a share before it is accepted."""
        raise errors.Unsupported("This service shows what is shared only once you accept it", status=501)


class OwnCloudProvider(OcsProvider):
    """ownCloud, oCIS, OpenCloud and CERNBox: one list of received shares in all states; no notes."""

    async def _received(self) -> list[Json]:
        return await self._ocs.shares(shared_with_me="true", state="all")

    def _form(self, password: str | None, expires: str | None, note: str | None) -> dict[str, str]:
        if note:
            raise errors.Unsupported("This service keeps no notes with shares")
        return super()._form(password, expires, None)


class NextcloudProvider(OcsProvider):
    """Nextcloud: what waits for an answer is a list of its own, and declining is deleting."""

    async def _received(self) -> list[Json]:
        waiting = [{**one, "state": 1} for one in await self._ocs.pending()]
        return [*await self._ocs.shares(shared_with_me="true"), *waiting]

    async def answer(self, share_id: str, accept: bool) -> None:
        """Accept or decline what somebody shares with the person."""
        if accept:
            await self._ocs.answer(share_id, accept=True)
        else:
            await self._ocs.delete(share_id)


def permissions(role: Role, item: NodeKind) -> int:
    """Return the number that OCS has for a role; files cannot be created in, or deleted from, files."""
    if role == "viewer":
        return _READ
    return _READ | _CHANGE | (_CREATE | _DELETE if item == "folder" else 0)


def share_of(data: Json, received: bool = False) -> Share:
    """Return a share as a service tells it.

    Args:
        data: a share of an OCS answer.
        received: it was shared with the person, so its path is where it was put.

    Raises:
        ServiceError: it cannot be understood.
    """
    try:
        return _share(data, received)
    except (KeyError, TypeError, ValueError) as error:
        raise errors.ServiceError(f"The answer of the service is not a share: {error!r}") from error


def _share(data: Json, received: bool) -> Share:
    kind = _KINDS[int(data["share_type"])]
    state = _STATES.get(int(data.get("state") or 0), "declined")
    path = _text(data, "file_target") if received else _text(data, "path")
    owner = _text(data, "uid_owner")
    return Share(
        id=str(data["id"]),
        kind=kind,
        item="folder" if data["item_type"] == "folder" else "file",
        name=path.rstrip("/").rpartition("/")[2],
        path=None if received and state != "accepted" else path,
        owner=Owner(owner, _text(data, "displayname_owner") or owner),
        role="editor" if int(data["permissions"]) & (_CHANGE | _CREATE) else "viewer",
        state=state,
        grantee=_grantee(data, kind),
        mime=_text(data, "mimetype") or "application/octet-stream",
        size=int(data.get("item_size") or 0),
        mtime=float(data.get("item_mtime") or 0),
        url=_text(data, "url") or None,
        has_password=kind == "link" and bool(data.get("password") or data.get("share_with")),
        expires=_text(data, "expiration")[:10] or None,
        note=_text(data, "note"),
        created=float(data.get("stime") or 0),
    )


def _text(data: Json, key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _grantee(data: Json, kind: ShareKind) -> Person | None:
    if kind == "link":
        return None
    name = _text(data, "share_with")
    return Person(name, _text(data, "share_with_displayname") or name, kind)


def _shares(found: Sequence[Json], received: bool = False) -> list[Share]:
    """Return the shares of a list, without kinds that are none of ours, such as those with other services."""
    return [share_of(one, received) for one in found if int(one.get("share_type", -1)) in _KINDS]


def _people(place: Any, key: str, kind: PersonKind) -> list[Person]:
    listed = place.get(key) if isinstance(place, Mapping) else None
    found = [(one.get("label"), one.get("value")) for one in listed or () if isinstance(one, Mapping)]
    return [
        Person(str(value["shareWith"]), str(label or value["shareWith"]), kind)
        for label, value in found
        if isinstance(value, Mapping) and value.get("shareWith")
    ]


async def _copied(dav: DavClient, share: Share, folder: str) -> Node:
    """Copy what a share is about into a folder, as `x (2).ipynb` if `x.ipynb` is taken."""
    stem, dot, suffix = share.name.rpartition(".") if share.item == "file" else (share.name, "", "")
    if not stem:
        stem, dot, suffix = share.name, "", ""
    for number in range(1, _COPIES):
        name = share.name if number == 1 else f"{stem} ({number}){dot}{suffix}"
        target = f"{folder.rstrip('/')}/{name}"
        try:
            await dav.copy(str(share.path), target)
        except errors.AlreadyExists:
            continue
        made = (await dav.propfind(target, 0))[0]
        return Node(
            made.id, name, target, made.kind, made.size, made.mtime, made.etag, made.permissions, made.mime
        )
    raise errors.AlreadyExists("There is no free name for the copy", folder)
