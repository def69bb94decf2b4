"""Pages of a folder as XML, made by column.

The properties that a listing asks for are the same for every node in it. So all that is said of a file but
its values is a few texts, made once for a page, and a page is those texts and the columns of values, joined.
A node of which more is to be said than its row knows is written as it is for a request of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from ...model.names import encode_url_path, is_plain
from ...model.node import Checksums, guess_mime
from ...service.listing import Page
from ...store.listing import Columns
from ..dates import http_date, iso_time
from .render import GONE, LOCK_ENTRIES, THERE, Context, PropertyList, quota_free
from .xml import DAV, NC, OC, Name, tag, tags, text

#: Makes the values of one property, as XML.
Column = Callable[[Page], Iterable[str]]
#: Kinds of nodes, of which different things are said.
FILE, UNSUMMED, FOLDER = KINDS = range(3)


class Piece(NamedTuple):
    """What is said of a property.

    Args:
        fixed: its value for each kind; None: such a node has no such property.
        column: makes the values for those kinds for which `fixed` says GAP.
    """

    fixed: tuple[str | None, str | None, str | None]
    column: Column | None = None


#: Stands for a value that differs from node to node.
GAP = "\0"


def page_text(asked: PropertyList, page: Page, context: Context) -> str:
    """The `response` elements of what is on a page: of each what `PropertyList.response` says."""
    kinds = _kinds(page.columns)
    rows = zip(*_parts(asked, page, context, kinds), strict=False)
    if not page.special:
        return "".join(chain.from_iterable(rows))
    responses = ["".join(row) for row in rows]
    for place, item in page.special.items():
        responses[place] = asked.response(item, context)
    return "".join(responses)


def _kinds(columns: Columns) -> Sequence[int]:
    """Which kind of node each is."""
    if not any(map(any, columns.sums)):
        return [*map((UNSUMMED, FOLDER).__getitem__, columns.folder)]
    return [
        FOLDER if folder else FILE if any(known) else UNSUMMED
        for folder, *known in zip(columns.folder, *columns.sums, strict=True)
    ]


def _parts(
    asked: PropertyList, page: Page, context: Context, kinds: Sequence[int]
) -> Iterator[Iterable[str]]:
    """What a response is made of, in its order: texts by the kind of the node, and values."""
    base = text(context.target.href(page.common.path, folder=True))
    yield repeat(f"<d:response><d:href>{base}")
    yield _hrefs(page)
    texts = [_Text(kind) for kind in KINDS]
    for name in asked.names:
        piece = _piece(name, page, context)
        for one in texts:
            one.add(piece.fixed[one.kind], tags(name), asked)
        if piece.column is not None and asked.values:
            yield _by_kind([one.take() for one in texts], kinds)
            yield _masked(piece, page, kinds)
            for one in texts:
                one.close(piece.fixed[one.kind], tags(name))
    yield _by_kind([one.end() for one in texts], kinds)


def _by_kind(texts: Sequence[str], kinds: Sequence[int]) -> Iterable[str]:
    """The text for each node; most folders have nodes of one kind only."""
    if len({texts[kind] for kind in {*kinds}}) == 1:
        return repeat(texts[kinds[0]])
    return map(texts.__getitem__, kinds)


def _masked(piece: Piece, page: Page, kinds: Sequence[int]) -> Iterable[str]:
    """The values of a property, empty for nodes of those kinds that have none of their own."""
    values = piece.column(page) if piece.column is not None else ()
    if all(piece.fixed[kind] == GAP for kind in {*kinds}):
        return values
    return [value if piece.fixed[kind] == GAP else "" for value, kind in zip(values, kinds, strict=True)]


class _Text:
    """What is said of nodes of one kind besides their values."""

    def __init__(self, kind: int) -> None:
        self.kind = kind
        self._said, self._missing = f"{'/' if kind == FOLDER else ''}</d:href>", ""
        self._has_some = False

    def add(self, fixed: str | None, tags: tuple[str, str, str], asked: PropertyList) -> None:
        """Go on with a property, up to its value where that is for each node to say."""
        opening, closing, empty = tags
        if fixed is None:
            self._missing += "" if asked.everything else empty
            return
        self._said += "" if self._has_some else THERE[0]
        self._has_some = True
        if not fixed or not asked.values:
            self._said += empty
        else:
            self._said += opening if fixed == GAP else f"{opening}{fixed}{closing}"

    def close(self, fixed: str | None, tags: tuple[str, str, str]) -> None:
        """Go on behind a value."""
        self._said += tags[1] if fixed == GAP else ""

    def take(self) -> str:
        """What is said between the value before and the one that comes now."""
        said, self._said = self._said, ""
        return said

    def end(self) -> str:
        """What is said behind the last value."""
        if not self._has_some and not self._missing:
            self._said += THERE[0] + THERE[1]
        elif self._has_some:
            self._said += THERE[1]
        gone = f"{GONE[0]}{self._missing}{GONE[1]}" if self._missing else ""
        return f"{self._said}{gone}</d:response>\n"


def _all(fixed: str) -> Piece:
    return Piece((fixed, fixed, fixed))


def _each(column: Callable[[Columns], Iterable[str]]) -> Piece:
    return Piece((GAP, GAP, GAP), lambda page: column(page.columns))


def _of_files(column: Callable[[Columns], Iterable[str]]) -> Piece:
    return Piece((GAP, GAP, None), lambda page: column(page.columns))


def _hrefs(page: Page) -> Iterable[str]:
    return page.columns.name if _are_plain(page.columns) else map(encode_url_path, page.columns.name)


def _names(columns: Columns) -> Iterable[str]:
    return columns.name if _are_plain(columns) else map(text, columns.name)


def _are_plain(columns: Columns) -> bool:
    """Whether no name needs to be written in another way: asked once, since most folders are like that."""
    return is_plain("".join(columns.name))


def _sums(columns: Columns) -> Iterable[str]:
    """Checksums, in the form that goes with those that are known."""
    known = [*zip(*(map(bool, kind) for kind in columns.sums), strict=True)]
    forms = {mask: _form_of_sums(mask).format for mask in {*known}}
    return map(lambda mask, *sums: forms[mask](*sums), known, *columns.sums)


def _form_of_sums(known: tuple[bool, ...]) -> str:
    header = Checksums(*(f"{{{place}}}" if there else "" for place, there in enumerate(known))).header()
    return tag((OC, "checksum"), header)


def _etags(page: Page) -> Iterable[str]:
    forms, columns = page.common.etags, page.columns
    if not any(columns.folder):
        return map(f"&quot;{forms.file}&quot;".__mod__, columns.version)
    return [
        f"&quot;{forms.folder % (node, seq) if folder else forms.file % version}&quot;"
        for node, folder, version, seq in zip(
            columns.id, columns.folder, columns.version, columns.tree_seq, strict=True
        )
    ]


def _letters(page: Page) -> Piece:
    file, folder = page.common.letters
    return Piece((file, file, folder))


def _quota_used(page: Page) -> Piece:
    quota = page.common.quota
    return Piece((None, None, str(quota.used) if quota else None))


def _quota_free(page: Page) -> Piece:
    return Piece((None, None, quota_free(page.common.quota)))


def _owner(page: Page) -> Piece:
    return _all(text(page.common.owner))


#: What is the same in every folder.
_ALWAYS: dict[Name, Piece] = {
    (DAV, "resourcetype"): Piece(("", "", "<d:collection/>")),
    (DAV, "getlastmodified"): _each(lambda c: map(http_date, c.mtime)),
    (DAV, "getcontentlength"): _of_files(lambda c: map(str, c.size)),
    (DAV, "getcontenttype"): _of_files(lambda c: map(text, map(guess_mime, c.name))),
    (DAV, "getetag"): Piece((GAP, GAP, GAP), _etags),
    (DAV, "creationdate"): _each(lambda c: map(iso_time, c.created)),
    (DAV, "displayname"): _each(_names),
    (DAV, "supportedlock"): _all(LOCK_ENTRIES),
    (DAV, "lockdiscovery"): _all(""),
    (OC, "fileid"): _each(lambda c: map(str, c.id)),
    (OC, "size"): _each(lambda c: map(str, c.size)),
    (OC, "checksums"): Piece((GAP, None, None), lambda page: _sums(page.columns)),
    (OC, "share-types"): _all(""),
    (OC, "favorite"): _all("0"),
    (OC, "tags"): _all(""),
    (NC, "system-tags"): _all(""),
    (OC, "downloadURL"): Piece((None, None, None)),
    (OC, "dDC"): Piece((None, None, None)),
    (NC, "creation_time"): _each(lambda c: map(str, map(int, c.created))),
    (NC, "has-preview"): _all("false"),
    (NC, "is-encrypted"): _all("0"),
    (NC, "mount-type"): _all(""),
}
#: What the nodes in one folder have in common.
_OF_FOLDER: dict[Name, Callable[[Page], Piece]] = {
    (DAV, "quota-used-bytes"): _quota_used,
    (DAV, "quota-available-bytes"): _quota_free,
    (OC, "permissions"): _letters,
    (OC, "owner-id"): _owner,
    (OC, "owner-display-name"): _owner,
}
#: What this installation's nodes have in common.
_OF_CONTEXT: dict[Name, Callable[[Context], Piece]] = {
    (OC, "id"): lambda context: _each(lambda c: map(f"%08d{context.instance}".__mod__, c.id)),
    (OC, "data-fingerprint"): lambda context: _all(context.fingerprint),
}
#: Of a dead property: a node that has it is described by itself.
_DEAD = Piece((None, None, None))


def _piece(name: Name, page: Page, context: Context) -> Piece:
    if name in _OF_FOLDER:
        return _OF_FOLDER[name](page)
    return _OF_CONTEXT[name](context) if name in _OF_CONTEXT else _ALWAYS.get(name, _DEAD)
