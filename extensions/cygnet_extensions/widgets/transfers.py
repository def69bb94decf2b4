"""Moving files between a person's computer, the kernel and a store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ipywidgets
from fsspec.core import url_to_fs
from traitlets import List, Unicode

from .parts import Bar, News, said

_PIECE = 1 << 20  # bytes written at a time


class DownloadFile(ipywidgets.VBox):
    """A button that copies a file of a store to the kernel's machine; `path` is where it is then.

    Args:
        address: of the file.
        folder: where to put it.
    """

    path = Unicode("", help="Where the file is, once it was copied.")

    def __init__(self, address: str, folder: str | os.PathLike[str] = ".", **options: Any) -> None:
        self._address, self._folder = address, Path(folder)
        name = address.rstrip("/").rpartition("/")[2]
        self._name = name
        self.button = ipywidgets.Button(description=said("Download"), icon="download", tooltip=address)
        self.news = News()
        self.bars = ipywidgets.VBox()
        self.news.tell(name)
        super().__init__([ipywidgets.HBox([self.button, self.news]), self.bars], **options)
        self.button.on_click(lambda _: self.start())

    def start(self) -> str:
        """Copy it now, and return where it is; `""` if that failed."""
        self.path, bar = "", Bar(self._name)
        self.bars.children = [bar.widget]
        with self.news.troubles():
            files, path = url_to_fs(self._address)
            bar.set_size(files.size(path))
            target = self._folder / self._name
            part = target.with_name(f".{target.name}.part")
            try:
                files.get_file(path, str(part), callback=bar)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
            bar.finish()
            self.path = str(target)
            self.news.tell(said("Saved as {path}.", path=self.path))
        return str(self.path)


class UploadFiles(ipywidgets.VBox):
    """A button that copies files of the person's computer into a folder of a store.

    `addresses` are those of the files that are there.

    Args:
        folder: address of the folder.
    """

    addresses = List(Unicode(), help="Addresses of the files that were copied.")

    def __init__(self, folder: str = "cygnet://", **options: Any) -> None:
        self._folder = folder
        self.button = ipywidgets.FileUpload(multiple=True, description=said("Upload"), tooltip=folder)
        self.news = News()
        self.bars = ipywidgets.VBox()
        self.news.tell(said("Files go to {folder}", folder=folder))
        super().__init__([ipywidgets.HBox([self.button, self.news]), self.bars], **options)
        self.button.observe(lambda _: self._chosen(), "value")

    def _chosen(self) -> None:
        for one in self.button.value:
            self.put(one["name"], bytes(one["content"]))

    def put(self, name: str, data: bytes) -> None:
        """Copy one file into the folder."""
        name = name.replace("\\", "/").rpartition("/")[2]
        bar = Bar(name)
        bar.set_size(len(data))
        self.bars.children = [*self.bars.children, bar.widget]
        with self.news.troubles():
            files, folder = url_to_fs(self._folder)
            path = f"{folder.rstrip('/')}/{name}"
            with files.open(path, "wb") as file:
                for start in range(0, len(data), _PIECE):
                    bar.relative_update(file.write(data[start : start + _PIECE]))
            bar.finish()
            self.addresses = [*self.addresses, files.unstrip_protocol(path)]
            self.news.tell(said("{name} is in {folder}.", name=name, folder=self._folder))
