"""Properties as XML: which there are, what they say of a node, and the multistatus that carries them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...model.node import Node
from ...service.properties import Described, Wanted
from ...service.tree import Quota
from ...store.locks import LockRow
from ..dates import http_date, iso_time
from .base import oc_id
from .doors import Target
from .xml import DAV, HEAD, NAMESPACES, NC, OC, Name, tag, tags, text

HEAD_MULTISTATUS = f"{HEAD}<d:multistatus {NAMESPACES}>\n"
MULTISTATUS_END = "</d:multistatus>"


@dataclass(frozen=True)
class Context:
    """What properties depend on besides the node.

    Args:
        target: of the request; hrefs are made by it.
        instance: random name of this installation.
        fingerprint: of the data; changes after a restore from backup.
    """

    target: Target
    instance: str
    fingerprint: str = ""


Render = Callable[[Described, Context], str | None]


def _file_only(render: Callable[[Node], str]) -> Render:
    return lambda item, _: None if item.node.is_folder else render(item.node)


def _plain(render: Callable[[Node], str]) -> Render:
    return lambda item, _: render(item.node)


def _quota_used(item: Described, _: Context) -> str | None:
    return str(item.quota.used) if item.quota else None


def quota_free(quota: Quota | None) -> str | None:
    """`quota-available-bytes`."""
    if quota is None:
        return None
    return "-3" if quota.free is None else str(quota.free)  # -3: no limit, in the dialect


def _checksums(item: Described, _: Context) -> str | None:
    sums = item.node.checksums.header()
    return tag((OC, "checksum"), sums) if sums else None


def _locks(item: Described, context: Context) -> str:
    return "".join(
        active_lock(lock, context.target.href(item.node.path, folder=False)) for lock in item.locks
    )


def _share_types(node: Node) -> str:
    return "".join(tag((OC, "share-type"), str(kind)) for kind in node.share_types)


#: `supportedlock`.
LOCK_ENTRIES = "".join(
    f"<d:lockentry><d:lockscope><d:{scope}/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>"
    for scope in ("exclusive", "shared")
)

#: Properties that this service computes. None where a node has no such property.
LIVE: dict[Name, Render] = {
    (DAV, "resourcetype"): _plain(lambda node: "<d:collection/>" if node.is_folder else ""),
    (DAV, "getlastmodified"): _plain(lambda node: http_date(node.mtime)),
    (DAV, "getcontentlength"): _file_only(lambda node: str(node.size)),
    (DAV, "getcontenttype"): _file_only(lambda node: text(node.mime)),
    (DAV, "getetag"): _plain(lambda node: f"&quot;{node.etag}&quot;"),
    (DAV, "creationdate"): _plain(lambda node: iso_time(node.created)),
    (DAV, "displayname"): _plain(lambda node: text(node.name)),
    (DAV, "supportedlock"): lambda *_: LOCK_ENTRIES,
    (DAV, "lockdiscovery"): _locks,
    (DAV, "quota-used-bytes"): _quota_used,
    (DAV, "quota-available-bytes"): lambda item, _: quota_free(item.quota),
    (OC, "id"): lambda item, context: oc_id(item.node, context.instance),
    (OC, "fileid"): _plain(lambda node: str(node.id)),
    (OC, "permissions"): _plain(lambda node: node.letters),
    (OC, "size"): _plain(lambda node: str(node.size)),
    (OC, "checksums"): _checksums,
    (OC, "owner-id"): _plain(lambda node: text(node.owner)),
    (OC, "owner-display-name"): _plain(lambda node: text(node.owner)),
    (OC, "share-types"): _plain(_share_types),
    (OC, "data-fingerprint"): lambda _, context: context.fingerprint,
    (OC, "favorite"): lambda item, _: "1" if item.favorite else "0",
    (OC, "tags"): lambda *_: "",
    (NC, "system-tags"): lambda *_: "",
    (OC, "downloadURL"): lambda *_: None,
    (OC, "dDC"): lambda *_: None,
    (NC, "creation_time"): _plain(lambda node: str(int(node.created))),
    (NC, "has-preview"): _plain(lambda _: "false"),
    (NC, "is-encrypted"): _plain(lambda _: "0"),
    (NC, "mount-type"): _plain(lambda node: "shared" if node.mounted else ""),
}

#: What a request for all properties brings (RFC 4918 9.1): those of DAV that cost nothing more, and dead.
_ALL = [name for name in LIVE if name[0] == DAV and not name[1].startswith("quota-")]
_QUOTA = {(DAV, "quota-used-bytes"), (DAV, "quota-available-bytes")}


class PropertyList:
    """The properties that a PROPFIND asks for.

    Args:
        names: these; None: all.
        values: False: only which there are.
    """

    def __init__(self, names: Sequence[Name] | None, *, values: bool = True) -> None:
        self._names = names
        self.values = values

    @cached_property
    def wanted(self) -> Wanted:
        """What has to be looked up for them."""
        if self._names is None:
            return Wanted(dead=True, locks=self.values)
        names = set(self._names)
        return Wanted(
            dead=any(name not in LIVE for name in names),
            locks=(DAV, "lockdiscovery") in names,
            quota=bool(names & _QUOTA),
            favorite=(OC, "favorite") in names,
            shares=(OC, "share-types") in names,
            checksums=(OC, "checksums") in names,
        )

    @property
    def everything(self) -> bool:
        """Whether all are asked for."""
        return self._names is None

    @property
    def names(self) -> Sequence[Name]:
        """Those that are asked for; where it is all, besides the dead ones."""
        return _ALL if self._names is None else self._names

    def response(self, item: Described, context: Context) -> str:
        """The `response` element of one node."""
        found, missing = self._select(item, context)
        href = text(context.target.href(item.node.path, folder=item.node.is_folder))
        there = propstat(200, found) if found or not missing else ""
        return (
            f"<d:response><d:href>{href}</d:href>{there}"
            f"{propstat(404, missing) if missing else ''}</d:response>\n"
        )

    @cached_property
    def _asked(self) -> list[_Asked]:
        return _prepare(self.names)

    def _select(self, item: Described, context: Context) -> tuple[list[str], list[str]]:
        found, missing = [], []
        everything = self._names is None
        for name, (opening, closing, empty), render in (
            [*self._asked, *_prepare(item.dead)] if everything else self._asked
        ):
            if render is None:
                element = item.dead.get(name)
            else:
                value = render(item, context)
                element = f"{opening}{value}{closing}" if value else None if value is None else empty
            if element is None:
                missing.append(empty)
            else:
                found.append(element if self.values else empty)
        return found, [] if everything else missing


#: A property that is asked for: its name, its tags, and what says its value; None: only a dead one can be it.
_Asked = tuple[Name, tuple[str, str, str], Render | None]


def _prepare(names: Iterable[Name]) -> list[_Asked]:
    return [(name, tags(name), LIVE.get(name)) for name in names]


_REASONS = {200: "OK", 403: "Forbidden", 404: "Not Found", 424: "Failed Dependency"}


def propstat(status: int, properties: Sequence[str]) -> str:
    """A `propstat` element: these properties have this status."""
    inner = "".join(properties)
    return (
        f"<d:propstat><d:prop>{inner}</d:prop>"
        f"<d:status>HTTP/1.1 {status} {_REASONS[status]}</d:status></d:propstat>"
    )


#: What stands before and behind the properties of a `propstat` of a node that has them, and has not.
THERE, GONE = (tuple(propstat(status, ["|"]).split("|")) for status in (200, 404))


def active_lock(lock: LockRow, root: str) -> str:
    """An `activelock` element (RFC 4918 14.1)."""
    scope = "exclusive" if lock.exclusive else "shared"
    return (
        f"<d:activelock><d:locktype><d:write/></d:locktype><d:lockscope><d:{scope}/></d:lockscope>"
        f"<d:depth>{'infinity' if lock.deep else '0'}</d:depth>{lock.owner_xml}"
        f"<d:timeout>Second-{lock.timeout}</d:timeout>"
        f"<d:locktoken><d:href>{text(lock.token)}</d:href></d:locktoken>"
        f"<d:lockroot><d:href>{text(root)}</d:href></d:lockroot></d:activelock>"
    )
