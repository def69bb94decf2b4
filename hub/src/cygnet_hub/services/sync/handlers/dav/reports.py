"""REPORT and SEARCH: listings of more than one folder.

REPORT knows `sync-collection` (RFC 6578), and ownCloud's `filter-files` (favourites) and `search-files`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from tornado.web import stream_request_body

from ...model.errors import BadRequest, Forbidden
from ...model.names import decode_url_path, encode_url_path
from ...model.settings import PREFIX
from ...service.properties import Described, Wanted
from ..base import Access
from ..spool import Spool
from . import xml
from .base import DavHandler
from .doors import Target, parse_target
from .render import HEAD_MULTISTATUS, MULTISTATUS_END, Context, PropertyList
from .rows import page_text
from .search import Query, parse_search
from .xml import DAV, OC

BATCH = 200
ROOT = r"remote\.php/dav/?"
#: Nothing has tags here: clients that ask for the list get an empty one.
TAGS = r"remote\.php/dav/systemtags(?:-relations/files/[0-9]{1,18})?/?"
#: A token of RFC 6578 is a URI; what follows is a cursor of the changes feed.
CURSOR = "urn:x-cygnet:sync:"
_NAMES = re.compile(r"/?(files/.*)", re.DOTALL)


class Listings(DavHandler):
    """Answers that list many nodes."""

    looks_at_tree: ClassVar[bool] = True

    async def multistatus(self, found: Sequence[Described], asked: PropertyList, tail: str = "") -> None:
        """Answer with the properties of each node, and `tail` behind them."""
        context = self._begin_multistatus()
        self.write(HEAD_MULTISTATUS)
        for start in range(0, len(found), BATCH):
            self.write("".join(asked.response(item, context) for item in found[start : start + BATCH]))
            if len(found) > BATCH:
                await self.flush()  # and let others have their turn
        self.write(tail + MULTISTATUS_END)

    async def listing(self, asked: PropertyList, *, itself: bool, tail: str = "") -> None:
        """Answer with the properties of what is in a folder, before it those of the folder with `itself`."""
        context = self._begin_multistatus()
        place = self.principal, self.target.path, asked.wanted
        with Spool(self) as spool:

            def take(found: Sequence[Described]) -> None:
                spool.add("".join(asked.response(item, context) for item in found))

            async def make() -> None:
                spool.add(HEAD_MULTISTATUS)
                await self.services.listing.tell(
                    *place, take, lambda page: spool.add(page_text(asked, page, context)), itself=itself
                )
                spool.add(tail + MULTISTATUS_END)

            await spool.send(make())

    def _begin_multistatus(self) -> Context:
        self.set_status(207)
        self.set_header("Content-Type", "application/xml; charset=utf-8")
        return Context(self.target, self.services.tree.instance, self.services.fingerprint)

    async def report(self) -> None:
        """Changes since a token, favourites, or what has words in its name."""
        self.body.check()
        root = xml.parse(self.body.small)
        name = xml.name_of(root)
        if name == (DAV, "sync-collection"):
            await self._changes(root)
        elif name == (OC, "filter-files"):
            await self._filtered(root)
        elif name == (OC, "search-files"):
            await self._named(root)
        else:
            raise BadRequest("This kind of report is not known here.")

    async def _changes(self, root: Element) -> None:
        token, level = _text(root, DAV, "sync-token"), _text(root, DAV, "sync-level") or "1"
        if token and not token.startswith(CURSOR):
            raise BadRequest("The sync-token is none of this service.")
        if not token and level == "infinite":
            raise Forbidden("Begin with sync-level 1, folder by folder; its token is good for everything.")
        asked = _asked(root)
        delta = await self.services.reports.delta(
            self.principal,
            self.target.path,
            token.removeprefix(CURSOR) or None,
            asked.wanted,
            deep=level == "infinite",
        )
        gone = "".join(self._gone(path) for path in delta.gone)
        tail = f"{gone}<d:sync-token>{xml.text(CURSOR + delta.cursor)}</d:sync-token>"
        if token:
            await self.multistatus(delta.found, asked, tail)
        else:
            await self.listing(asked, itself=False, tail=tail)

    def _gone(self, path: str) -> str:
        href = xml.text(self.target.href(path, folder=False))
        return (
            f"<d:response><d:href>{href}</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>\n"
        )

    async def _filtered(self, root: Element) -> None:
        rules = xml.first(root, (OC, "filter-rules"))
        wished = _text(rules, OC, "favorite") if rules is not None else ""
        asked, found = _asked(root), list[Described]()
        # Nothing has tags here, so a filter for one finds nothing.
        if wished.lower() in ("1", "true", "yes") and rules is not None and len(rules) == 1:
            wanted = asked.wanted
            found = await self.services.reports.favorites(self.principal, self.target.path, wanted)
        await self.multistatus(found, asked)

    async def _named(self, root: Element) -> None:
        search = xml.first(root, (OC, "search"))
        pattern = _text(search, OC, "pattern") if search is not None else ""
        limit = _text(search, OC, "limit") if search is not None else ""
        if not pattern.strip():
            raise BadRequest("The search has no pattern.")
        asked = _asked(root)
        most = min(int(limit), 1000) if limit.isascii() and limit.isdecimal() and len(limit) < 6 else 100
        words = pattern.replace("*", " ").split()
        found = await self.services.reports.search(
            self.principal, self.target.path, words, asked.wanted, most
        )
        await self.multistatus(found, asked)

    async def search(self) -> None:
        """SEARCH below a folder; the query says which, relative to remote.php/dav or as an address."""
        self.body.check()
        query = parse_search(self.body.small)
        self.target = self._scope(query.scope)
        await self.multistatus(query.pick(await self._candidates(query)), query.asked)

    async def _candidates(self, query: Query) -> list[Described]:
        wanted = replace(query.asked.wanted, favorite=True)
        reports = self.services.reports
        if query.node is not None:
            return await reports.by_id(self.principal, query.node, wanted)
        return await reports.search(self.principal, self.target.path, query.words, wanted)

    def _scope(self, scope: str) -> Target:
        path = urlsplit(scope).path
        short = _NAMES.fullmatch(path)
        if short is None and not path.startswith(PREFIX):
            raise BadRequest("The scope of the search is no folder of files.")
        if short is None:
            return parse_target(path, self.principal)
        decoded = decode_url_path("/" + short[1])
        return parse_target(f"{PREFIX}/remote.php/dav{encode_url_path(decoded)}", self.principal)


def _asked(root: Element) -> PropertyList:
    prop = xml.first(root, (DAV, "prop"))
    return PropertyList(xml.names_in(prop) if prop is not None else [(DAV, "getetag")])


def _text(element: Element, namespace: str, name: str) -> str:
    found = xml.first(element, (namespace, name))
    return xml.text_of(found).strip() if found is not None else ""


@stream_request_body
class RootHandler(Listings):
    """The root of WebDAV, which has no files of its own: only a place to search from."""

    access: ClassVar[Access] = Access.USER

    async def begin(self) -> None:
        """Whatever is asked here is about one's own tree."""
        user = encode_url_path(f"/{self.principal.user}")
        self.target = Target(f"{PREFIX}/remote.php/dav/files{user}", "/")

    def options(self) -> None:
        """What can be done here."""
        self.body.check()
        self.set_header("DAV", "1")
        self.set_header("Allow", "OPTIONS, PROPFIND, SEARCH")
        self.set_header("DASL", "<DAV:basicsearch>")

    async def propfind(self) -> None:
        """Where one's files are."""
        self.body.check()
        asked = PropertyList([(DAV, "resourcetype"), (DAV, "getetag")])
        await self.multistatus([await self.services.properties.find(self.principal, "/", Wanted())], asked)


@stream_request_body
class TagsHandler(DavHandler):
    """The system tags, of which there are none."""

    access: ClassVar[Access] = Access.USER

    async def begin(self) -> None:
        """There is nothing to find."""

    def propfind(self) -> None:
        """List none: only the folder that they would be in."""
        self.body.check()
        href = xml.text(self.request.path)
        kind = "<d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop>"
        self.set_status(207)
        self.set_header("Content-Type", "application/xml; charset=utf-8")
        self.write(
            f"{HEAD_MULTISTATUS}<d:response><d:href>{href}</d:href>{kind}"
            f"<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>{MULTISTATUS_END}"
        )
