"""What travels between the sync service, its clients and the notebook server, as frozen dataclasses.

Each model has `from_json`, which refuses what does not fit in words, and `to_json`, which gives plain JSON
back. Unknown keys are ignored, so an older client keeps working with a newer service. Times are unix seconds,
sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, TypeVar, cast, get_args

Json = Mapping[str, Any]

NodeKind = Literal["file", "folder"]
PersonKind = Literal["user", "group"]
ShareKind = Literal["user", "group", "link"]
Role = Literal["viewer", "editor"]
ShareState = Literal["accepted", "pending", "declined"]
ChangeOp = Literal["put", "mkdir", "move", "delete", "props", "share"]

_T = TypeVar("_T")


def _get(data: Json, key: str, types: type | tuple[type, ...], model: str) -> Any:
    if key not in data:
        raise ValueError(f"{model}: {key!r} is missing")
    value = data[key]
    if not isinstance(value, types) or (isinstance(value, bool) and types not in (bool, object)):
        raise ValueError(f"{model}: {key!r} has the wrong type {type(value).__name__}")
    return value


def _text(data: Json, key: str, model: str) -> str:
    return cast(str, _get(data, key, str, model))


def _optional_text(data: Json, key: str, model: str) -> str | None:
    return None if data.get(key) is None else _text(data, key, model)


def _whole(data: Json, key: str, model: str) -> int:
    return cast(int, _get(data, key, int, model))


def _optional_whole(data: Json, key: str, model: str) -> int | None:
    return None if data.get(key) is None else _whole(data, key, model)


def _seconds(data: Json, key: str, model: str) -> float:
    return float(_get(data, key, (int, float), model))


def _one_of(data: Json, key: str, choices: Any, model: str) -> Any:
    value = _text(data, key, model)
    if value not in get_args(choices):
        raise ValueError(f"{model}: {key!r} is {value!r}, not one of {', '.join(get_args(choices))}")
    return value


def _optional(data: Json, key: str, build: Callable[[Json], _T]) -> _T | None:
    value = data.get(key)
    return None if value is None else build(as_object(value, key))


def as_object(value: object, what: str) -> Json:
    """Return `value` if it is a JSON object, or raise ValueError that names `what`."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{what}: expected an object, got {type(value).__name__}")
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, WireModel):
        return value.to_json()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class WireModel:
    """Base of the wire models: gives `to_json`, which names every field as the dataclass does."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Owner(WireModel):
    """The person whom an item belongs to."""

    id: str
    display_name: str

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Build from JSON; the display name defaults to the id."""
        name = _text(data, "id", "owner")
        return cls(name, _optional_text(data, "display_name", "owner") or name)


@dataclass(frozen=True, slots=True)
class Person(WireModel):
    """Somebody, or a group, whom an item can be shared with."""

    id: str
    display_name: str
    kind: PersonKind = "user"

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Build from JSON; the display name defaults to the id, the kind to `user`."""
        name = _text(data, "id", "person")
        kind: PersonKind = _one_of(data, "kind", PersonKind, "person") if "kind" in data else "user"
        return cls(name, _optional_text(data, "display_name", "person") or name, kind)


@dataclass(frozen=True, slots=True)
class Quota(WireModel):
    """Room in a person's space, in bytes; `total` and `free` are None when it is not limited."""

    used: int
    total: int | None = None
    free: int | None = None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Build from JSON."""
        total, free = (_optional_whole(data, key, "quota") for key in ("total", "free"))
        return cls(_whole(data, "used", "quota"), total, free)


@dataclass(frozen=True, slots=True)
class Account(WireModel):
    """Who the caller is, as `GET api/v1/me` tells it."""

    name: str
    display_name: str
    quota: Quota
    admin: bool = False
    hub_url: str = ""
    notebook_url: str = ""

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Build from JSON."""
        name = _text(data, "name", "account")
        return cls(
            name=name,
            display_name=_optional_text(data, "display_name", "account") or name,
            quota=Quota.from_json(as_object(data.get("quota"), "account: 'quota'")),
            admin=bool(data.get("admin", False)),
            hub_url=_optional_text(data, "hub_url", "account") or "",
            notebook_url=_optional_text(data, "notebook_url", "account") or "",
        )


@dataclass(frozen=True, slots=True)
class Node(WireModel):
    """A file or a folder as the caller sees it.

    `path` begins with `/` and is in the caller's own tree; `permissions` are the letters of `oc:permissions`
    (R reshare, G read, D delete, N rename, V move, W write, C create file, K create folder).
    """

    id: str
    name: str
    path: str
    kind: NodeKind
    size: int
    mtime: float
    etag: str
    permissions: str = "RGDNVW"
    mime: str = "application/octet-stream"
    share_types: tuple[int, ...] = ()
    owner: Owner | None = None
    children_count: int | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.kind == "folder"

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Build from JSON."""
        return cls(
            id=str(_get(data, "id", (str, int), "node")),
            name=_text(data, "name", "node"),
            path=_text(data, "path", "node"),
            kind=_one_of(data, "kind", NodeKind, "node"),
            size=_whole(data, "size", "node"),
            mtime=_seconds(data, "mtime", "node"),
            etag=_text(data, "etag", "node"),
            permissions=_optional_text(data, "permissions", "node") or "",
            mime=_optional_text(data, "mime", "node") or "application/octet-stream",
            share_types=tuple(int(kind) for kind in data.get("share_types") or ()),
            owner=_optional(data, "owner", Owner.from_json),
            children_count=_optional_whole(data, "children_count", "node"),
        )


@dataclass(frozen=True, slots=True)
class Share(WireModel):
    """One grant of one item: to a person, to a group, or to whoever has the link.

    `path` is where the item lies in the caller's tree, None where it does not. `expires` is `YYYY-MM-DD`.
    """

    id: str
    kind: ShareKind
    item: NodeKind
    name: str
    path: str | None
    owner: Owner
    role: Role
    state: ShareState = "accepted"
    grantee: Person | None = None
    mime: str = "application/octet-stream"
    size: int = 0
    mtime: float = 0.0
    url: str | None = None
    has_password: bool = False
    expires: str | None = None
    note: str = ""
    created: float = 0.0

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Build from JSON."""
        return cls(
            id=str(_get(data, "id", (str, int), "share")),
            kind=_one_of(data, "kind", ShareKind, "share"),
            item=_one_of(data, "item", NodeKind, "share"),
            name=_text(data, "name", "share"),
            path=_optional_text(data, "path", "share"),
            owner=Owner.from_json(as_object(data.get("owner"), "share: 'owner'")),
            role=_one_of(data, "role", Role, "share"),
            state=_one_of(data, "state", ShareState, "share") if "state" in data else "accepted",
            grantee=_optional(data, "grantee", Person.from_json),
            mime=_optional_text(data, "mime", "share") or "application/octet-stream",
            size=_optional_whole(data, "size", "share") or 0,
            mtime=_seconds(data, "mtime", "share") if data.get("mtime") is not None else 0.0,
            url=_optional_text(data, "url", "share"),
            has_password=bool(data.get("has_password", False)),
            expires=_optional_text(data, "expires", "share"),
            note=_optional_text(data, "note", "share") or "",
            created=_seconds(data, "created", "share") if data.get("created") is not None else 0.0,
        )


@dataclass(frozen=True, slots=True)
class Change(WireModel):
    """One event of the changes feed: what happened at `path`; `old_path` for a move."""

    op: ChangeOp
    path: str
    kind: NodeKind
    old_path: str | None = None
    node: str | None = None
    etag: str | None = None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Build from JSON."""
        node = data.get("node")
        return cls(
            op=_one_of(data, "op", ChangeOp, "change"),
            path=_text(data, "path", "change"),
            kind=_one_of(data, "kind", NodeKind, "change"),
            old_path=_optional_text(data, "old_path", "change"),
            node=None if node is None else str(node),
            etag=_optional_text(data, "etag", "change"),
        )


@dataclass(frozen=True, slots=True)
class AppPassword(WireModel):
    """A password for one program; `password` is known only in the answer that made it."""

    id: str
    label: str
    created: float
    password: str | None = None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Build from JSON."""
        return cls(
            id=str(_get(data, "id", (str, int), "app password")),
            label=_text(data, "label", "app password"),
            created=_seconds(data, "created", "app password"),
            password=_optional_text(data, "password", "app password"),
        )
