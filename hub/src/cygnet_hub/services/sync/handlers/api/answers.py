"""The JSON that answers of the API hold, besides the wire models that clients share."""

from __future__ import annotations

from dataclasses import dataclass

from cygnet_fs_bridge.models import Change, Node, NodeKind, Owner, Person, Role, Share


@dataclass(frozen=True)
class ErrorDetail:
    """What went wrong: a code for programs, words for people."""

    code: str
    message: str


@dataclass(frozen=True)
class Error:
    """Every refusal."""

    error: ErrorDetail


@dataclass(frozen=True)
class Listing:
    """A node, and what is directly in it; null for a file."""

    node: Node
    children: list[Node] | None


@dataclass(frozen=True)
class Nodes:
    """Several nodes."""

    nodes: list[Node]


@dataclass(frozen=True)
class FailedPath:
    """One of several that could not be done."""

    path: str
    error: ErrorDetail


@dataclass(frozen=True)
class Deleted:
    """What is in the trash now, and what is not."""

    deleted: list[str]
    failed: list[FailedPath]


@dataclass(frozen=True)
class People:
    """People and groups."""

    people: list[Person]


@dataclass(frozen=True)
class AppPassword:
    """A password for one program, without the password."""

    id: str
    label: str
    created: float
    last_used: float | None
    scopes: list[str]


@dataclass(frozen=True)
class IssuedAppPassword(AppPassword):
    """The only answer with the password."""

    password: str


@dataclass(frozen=True)
class AccessKey:
    """An access key of S3, without its secret."""

    id: str
    label: str
    folder: str | None
    read_only: bool
    created: float
    last_used: float | None
    expires: float | None


@dataclass(frozen=True)
class IssuedAccessKey(AccessKey):
    """The only answer with the secret; `endpoint` is the address that S3 clients need."""

    secret: str
    endpoint: str


@dataclass(frozen=True)
class AccessKeys:
    """All of the caller's, without their secrets."""

    keys: list[AccessKey]
    endpoint: str


@dataclass(frozen=True)
class AppPasswords:
    """All of the caller's."""

    app_passwords: list[AppPassword]


@dataclass(frozen=True)
class Renewed:
    """A new token; `expires` in seconds since 1970."""

    token: str
    expires: float


@dataclass(frozen=True)
class ServerCredential(Renewed):
    """A new credential."""

    id: str


@dataclass(frozen=True)
class Changes:
    """What happened up to `cursor`; with `reset` the caller must look at everything anew."""

    cursor: str
    reset: bool
    changes: list[Change]


@dataclass(frozen=True)
class Opened:
    """What a link leads to: the node, or the id of the share that has to be accepted first."""

    node: Node | None
    share: str | None


@dataclass(frozen=True)
class Shares:
    """Several shares."""

    shares: list[Share]


@dataclass(frozen=True)
class Upload:
    """An upload in parts: how many bytes have come."""

    id: str
    received: int


@dataclass(frozen=True)
class BegunUpload(Upload):
    """How large the parts should be."""

    part_size: int


@dataclass(frozen=True)
class TrashItem:
    """Something that was deleted."""

    id: str
    name: str
    path: str
    kind: NodeKind
    size: int
    mtime: float
    mime: str
    deleted: float
    deleted_by: Owner


@dataclass(frozen=True)
class Trash:
    """The newest first."""

    items: list[TrashItem]


@dataclass(frozen=True)
class FailedId:
    """One of several that could not be done."""

    id: str
    error: ErrorDetail


@dataclass(frozen=True)
class Restored:
    """What is back, and what is not."""

    restored: list[Node]
    failed: list[FailedId]


@dataclass(frozen=True)
class Purged:
    """What is gone for ever, and what is not."""

    deleted: list[str]
    failed: list[FailedId]


@dataclass(frozen=True)
class Version:
    """What a file was, or is."""

    id: str
    size: int
    mtime: float
    created: float
    author: Owner
    current: bool


@dataclass(frozen=True)
class Versions:
    """The current one first."""

    versions: list[Version]


@dataclass(frozen=True)
class BatchResult:
    """What became of one file of a batch: a node, or an error."""

    path: str
    created: bool | None = None
    node: Node | None = None
    error: ErrorDetail | None = None


@dataclass(frozen=True)
class Batch:
    """What became of each, in the order in which they came."""

    results: list[BatchResult]


@dataclass(frozen=True)
class PublicItem:
    """What is behind a public link; of a locked one only that it is."""

    name: str
    item: NodeKind
    mime: str
    size: int
    owner: Owner
    role: Role
    needs_password: bool
    node: Node | None
