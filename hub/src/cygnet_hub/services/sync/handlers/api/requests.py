"""The JSON objects that requests of the API bring."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from cygnet_fs_bridge.models import Role, ShareKind

from .operations import RequestModel

#: A path in the caller's own tree, such as "/a/b".
Path = Annotated[
    str, Field(description='a path in the caller\'s own tree, such as "/a/b"', examples=["/a/b"])
]
Several = Annotated[list[str], Field(min_length=1, max_length=1000)]


#: Checked where its meaning is known, in better words than a schema has.
ShareRole = Annotated[str, Field(json_schema_extra={"enum": list(get_args(Role))})]


class NewFolder(RequestModel):
    """A folder to make."""

    path: Path


class Relocation(RequestModel):
    """Something to move or to copy."""

    source: Path
    destination: Path
    overwrite: bool = False


class Paths(RequestModel):
    """Several files and folders."""

    paths: Several


class Deletion(Paths):
    """What to delete, and what it has to be for that: of these etags, and with nothing in it."""

    etags: dict[str, str] = Field(default_factory=dict)
    only_empty: bool = False


class NewAppPassword(RequestModel):
    """A password for one program."""

    label: str | None = None
    scopes: Annotated[list[str], Field(max_length=20)] | None = None


class NewAccessKey(RequestModel):
    """An access key of S3, limited to a folder, to reading, or to `ttl` seconds."""

    label: str | None = None
    folder: Path | None = None
    read_only: bool = False
    ttl: Annotated[float, Field(gt=0, lt=1 << 40)] | None = None


class NewServerCredential(RequestModel):
    """A credential for one notebook server; `ttl` in seconds."""

    user: str
    server: str | None = None
    ttl: float = 3600


class Renewal(RequestModel):
    """For how many seconds more."""

    ttl: float = 3600


class NewShare(RequestModel):
    """Something to share with a person, a group, or whoever has the link."""

    path: Path
    kind: ShareKind
    grantee: str | None = None
    role: ShareRole | None = None
    password: str | None = None
    expires: Annotated[str, Field(description="YYYY-MM-DD, the last day")] | None = None
    note: str | None = None


class ShareChanges(RequestModel):
    """What to change of a share: what is left out stays, null takes away."""

    role: ShareRole | None = None
    password: str | None = None
    expires: str | None = None
    note: str | None = None


class Destination(RequestModel):
    """The folder to put something into."""

    destination: Path | None = None


class LinkCopy(Destination):
    """Something behind a public link to copy: all of it, or what is at `path` in it."""

    path: Path | None = None


class OnePath(RequestModel):
    """A file or folder."""

    path: Path


class Ids(RequestModel):
    """Several things, by their ids."""

    ids: Several


#: Bytes of a whole file.
Size = Annotated[int, Field(ge=0, lt=1 << 50)]


class NewUpload(RequestModel):
    """A file that will come in parts."""

    path: Path
    size: Size


class WholeUpload(NewUpload):
    """A file whose parts have all come; `mtime` in seconds since 1970."""

    mtime: Annotated[float, Field(ge=0, lt=1 << 40)] | None = None


class LinkPassword(RequestModel):
    """The password of a public link."""

    password: str | None = None
