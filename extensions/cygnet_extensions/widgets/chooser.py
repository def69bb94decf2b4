"""Choosing a file in any store."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

import ipywidgets
from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from traitlets import Unicode

from .parts import News, said, size_of

_ROWS = 10


class FileChooser(ipywidgets.VBox):
    """A list of a folder, in which one walks and chooses a file; `value` is its address, `""` for none.

    Args:
        start: address of the first folder.
        pattern: which files are offered, such as `*.root`; folders always are.
    """

    value = Unicode("", help="Address of the chosen file.")

    def __init__(self, start: str = "cygnet://", pattern: str = "*", **options: Any) -> None:
        self._pattern = pattern
        self._entries: dict[str, tuple[str, bool]] = {}
        wide = {"width": "100%"}
        self.address = ipywidgets.Text(value=start, description=said("Folder"), continuous_update=False)
        self.address.layout = {"flex": "1"}
        self.up = ipywidgets.Button(description=said("Up"), icon="level-up", tooltip=said("The folder above"))
        self.up.layout = {"width": "auto"}
        self.listing = ipywidgets.Select(rows=_ROWS, description=said("Files"), layout={"width": "auto"})
        self.enter = ipywidgets.Button(description=said("Open folder"), icon="folder-open", disabled=True)
        self.news = News()
        row = ipywidgets.HBox([self.address, self.up], layout=wide)
        below = ipywidgets.HBox([self.enter, self.news], layout=wide)
        super().__init__([row, self.listing, below], layout={"max_width": "680px"}, **options)
        self.address.observe(lambda _: self.show(), "value")
        self.listing.observe(lambda _: self._selected(), "value")
        self.enter.on_click(lambda _: self._enter())
        self.up.on_click(lambda _: self._leave())
        self.show()

    def show(self) -> None:
        """List the folder at the address anew."""
        self._entries, self.value = {}, ""
        with self.news.troubles():
            files, path = url_to_fs(self.address.value)
            self._entries = dict(self._found(files, path))
            count = len(self._entries)
            self.news.tell(said("{count} entries", count=count) if count else said("Nothing here."))
        self.listing.options = list(self._entries)
        self.listing.value = None

    def _found(self, files: AbstractFileSystem, path: str) -> list[tuple[str, tuple[str, bool]]]:
        """The entries of a folder, folders first: what is shown, the address, and whether it is a folder."""
        shown = []
        for one in files.ls(path, detail=True):
            folder = one["type"] == "directory"
            name = str(one["name"]).rstrip("/").rpartition("/")[2]
            if name and (folder or fnmatch(name, self._pattern)):
                words = f"📁 {name}" if folder else f"{name}  ({size_of(one['size'] or 0)})"
                shown.append((not folder, name.casefold(), words, files.unstrip_protocol(one["name"])))
        return [(words, (address, not is_file)) for is_file, _, words, address in sorted(shown)]

    def _selected(self) -> None:
        address, folder = self._entries.get(self.listing.value or "", ("", False))
        self.enter.disabled = not folder
        self.value = "" if folder else address
        if self.value:
            self.news.tell(self.value)

    def _enter(self) -> None:
        address, folder = self._entries.get(self.listing.value or "", ("", False))
        if folder:
            self.address.value = address

    def _leave(self) -> None:
        with self.news.troubles():
            files, path = url_to_fs(self.address.value)
            self.address.value = files.unstrip_protocol(files._parent(path))
