"""A page of a listing says of each node what asking for the node itself says, whatever is known of it."""

from __future__ import annotations

import asyncio
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cygnet_hub.services.sync.handlers.dav.doors import Target
from cygnet_hub.services.sync.handlers.dav.render import LIVE, Context, PropertyList
from cygnet_hub.services.sync.handlers.dav.rows import page_text
from cygnet_hub.services.sync.handlers.dav.xml import Name
from cygnet_hub.services.sync.model.conditions import NO_CONDITIONS
from cygnet_hub.services.sync.model.names import join_path
from cygnet_hub.services.sync.model.node import EDITOR, Checksums, Content, Piece
from cygnet_hub.services.sync.model.principal import Principal
from cygnet_hub.services.sync.model.settings import Settings
from cygnet_hub.services.sync.model.sharing import ShareRequest
from cygnet_hub.services.sync.service.listing import Page
from cygnet_hub.services.sync.service.locks import LockRequest
from cygnet_hub.services.sync.service.properties import Described, PropertyChange
from cygnet_hub.services.sync.service.services import Services
from tests.sync_server import GROUPS, PEOPLE, MemoryDirectory

ADA, BOB = Principal("user", "ada"), Principal("user", "bob")
COLOUR: Name = ("urn:example", "colour")
#: What makes a node one of which more is to be said; a lock last, since it would keep the others away.
MARKS = ("favourite", "dead", "share", "lock")
NAMES = st.text(st.sampled_from(string.ascii_letters + "&<>%é .'+\u4e2d"), min_size=1, max_size=8).filter(
    lambda name: name.strip(".") and name not in ("Shares", "Classes")
)
SUMS = st.builds(Checksums, *(st.sampled_from(["", f"{digit * 8}"]) for digit in "abcd"))
TIMES = st.floats(0, 4e9)
ITEM = st.tuples(
    st.none() | SUMS,
    TIMES,
    st.sets(st.sampled_from(MARKS)),
)
ASKED = st.none() | st.lists(st.sampled_from([*LIVE, COLOUR, ("", "none%s")]), max_size=8)


class Folder:
    """A service with a folder of everything, shared with bob."""

    def __init__(self, data: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.services = Services.open(
            Settings.in_folder(data, "http://127.0.0.1/"), MemoryDirectory(PEOPLE, GROUPS)
        )
        for who in (ADA, BOB):
            self.run(self.services.tree.open_account(who.user))
        self.number = 0

    def run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def close(self) -> None:
        self.services.close()
        self.loop.close()

    def make(self, items: dict[str, tuple[Checksums | None, float, set[str]]]) -> str:
        """A new folder with these in it: of a folder no checksums."""
        self.number += 1
        folder = f"/folder & {self.number}%"
        self.run(self.services.tree.make_folder(ADA, folder))
        for name, (sums, mtime, marks) in items.items():
            self._add(join_path(folder[1:], name), sums, mtime)
            for mark in filter(marks.__contains__, MARKS):
                self.mark(join_path(folder[1:], name), mark)
        return folder

    def _add(self, path: str, sums: Checksums | None, mtime: float) -> None:
        tree = self.services.tree
        if sums is None:
            self.run(tree.make_folder(ADA, path, mtime=mtime))
        else:
            content = Content(3, (Piece(f"{len(path)}{path}{self.number}", 0, 3),), sums)
            self.run(tree.put(ADA, path, content, mtime=mtime))

    def mark(self, path: str, mark: str) -> None:
        """Make something out of the ordinary."""
        services = self.services
        if mark == "lock":
            self.run(services.locks.take(ADA, path, LockRequest(False, True, "", 1000), NO_CONDITIONS))
        elif mark == "share":
            self.share(path)
        else:
            favourite = PropertyChange(("", ""), "set", favorite=True)
            dead = PropertyChange(COLOUR, "set", '<x:colour xmlns:x="urn:example">red</x:colour>')
            change = favourite if mark == "favourite" else dead
            self.run(services.properties.change(ADA, path, [change], NO_CONDITIONS))

    def share(self, path: str) -> None:
        """Give it to bob, who accepts."""
        request = ShareRequest(path, "user", "bob", EDITOR)
        made = self.run(self.services.shares.create(ADA, request))
        self.run(self.services.shares.answer(BOB, made.row.id, "accepted"))

    def both(self, who: Principal, path: str, asked: PropertyList) -> tuple[list[str], list[str]]:
        """What a listing says of each node in a folder, and what is said of each by itself."""
        context = Context(Target("/dav/100%25", path), "instance", "finger%sprint")
        pages: list[str] = []
        alone: list[Described] = []
        names: list[str] = []

        def take(page: Page) -> None:
            names.extend(page.columns.name)
            pages.append(page_text(asked, page, context))

        self.run(self.services.listing.tell(who, path, asked.wanted, alone.extend, take))
        own = [self.run(self._find(who, path, name, asked)) for name in names]
        return "".join(pages).splitlines(), [asked.response(item, context).rstrip("\n") for item in own]

    async def _find(self, who: Principal, path: str, name: str, asked: PropertyList) -> Described:
        return await self.services.properties.find(who, f"{path}/{name}", asked.wanted)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    made = Folder(tmp_path_factory.mktemp("pages"))
    yield made
    made.close()


@settings(max_examples=30, deadline=None)
@given(
    items=st.dictionaries(NAMES, ITEM, max_size=5), asked=ASKED, values=st.booleans(), locked=st.booleans()
)
def test_a_listing_says_what_asking_for_each_says(
    folder: Folder,
    items: dict[str, tuple[Checksums | None, float, set[str]]],
    asked: list[Name] | None,
    values: bool,
    locked: bool,
) -> None:
    path = folder.make(items)
    if locked:
        folder.mark(path, "lock")
    wanted = PropertyList(asked, values=values or asked is not None)
    listed, own = folder.both(ADA, path, wanted)
    assert listed == own
    folder.share(path)
    received = f"/Shares/{path[1:]}"
    listed, own = folder.both(BOB, received, wanted)
    assert listed == own
    assert len(listed) == len(items)
