"""What a disk holds, and what it still holds after the power failed: only what was flushed is certain.

POSIX promises no more: `fsync` of a file keeps its bytes and its size, `fsync` of a folder the names in it.
Of what was not flushed, each page is there or not, and of the changes of a folder the first few.
"""

from __future__ import annotations

import random
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PAGE = 4096


@dataclass(eq=False)
class File:
    """The bytes of a file, and what the disk has of the pages that were changed since they were flushed."""

    mode: int = stat.S_IFREG | 0o600
    mtime_ns: int = 0
    data: bytearray = field(default_factory=bytearray)
    before: dict[int, bytes] = field(default_factory=dict)
    size_on_disk: int = 0

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Change bytes; a gap before them becomes zeros."""
        end = offset + len(data)
        self._remember(min(offset, len(self.data)), end)
        self.data.extend(bytes(max(0, end - len(self.data))))
        self.data[offset:end] = data

    def resize(self, size: int) -> None:
        """Cut the end off, or add zeros."""
        old = len(self.data)
        self._remember(min(size, old), max(size, old))
        del self.data[size:]
        self.data.extend(bytes(size - len(self.data)))

    def _remember(self, start: int, end: int) -> None:
        for page in range(start // PAGE, -(-end // PAGE)):
            self.before.setdefault(page, bytes(self.data[page * PAGE : (page + 1) * PAGE]))

    def flush(self) -> None:
        """All of it survives from here on."""
        self.before.clear()
        self.size_on_disk = len(self.data)

    def survivor(self, chance: random.Random, kept: float) -> bytes:
        """What is found after a power cut, if each change survives with the probability `kept`."""
        size = len(self.data) if chance.random() < kept else self.size_on_disk
        found = bytearray(self.data[:size].ljust(size, b"\0"))
        for page, old in self.before.items():
            start = page * PAGE
            if start < size and chance.random() >= kept:
                room = min(PAGE, size - start)
                found[start : start + room] = old[:room].ljust(room, b"\0")
        return bytes(found)


@dataclass(eq=False)
class Folder:
    """The entries of a folder, those that the disk has, and the changes since then in their order."""

    mode: int = stat.S_IFDIR | 0o700
    mtime_ns: int = 0
    entries: dict[bytes, Node] = field(default_factory=dict)
    on_disk: dict[bytes, Node] = field(default_factory=dict)
    changes: list[Mapping[bytes, Node | None]] = field(default_factory=list)

    def change(self, names: Mapping[bytes, Node | None]) -> None:
        """Set names, or take those away that are None; all of them survive, or none."""
        _apply(self.entries, names)
        self.changes.append(names)

    def flush(self) -> None:
        """The names survive from here on."""
        self.on_disk = dict(self.entries)
        self.changes.clear()

    def survivors(self, chance: random.Random, kept: float) -> dict[bytes, Node]:
        """Which names are found after a power cut."""
        found = dict(self.on_disk)
        for names in self.changes:
            if chance.random() >= kept:
                break
            _apply(found, names)
        return found


Node = File | Folder


def _apply(entries: dict[bytes, Node], names: Mapping[bytes, Node | None]) -> None:
    for name, node in names.items():
        if node is None:
            entries.pop(name, None)
        else:
            entries[name] = node


def load(place: Path) -> Folder:
    """A disk that has everything in an ordinary folder."""
    folder = Folder()
    for path in place.iterdir():
        folder.entries[path.name.encode()] = load(path) if path.is_dir() else _load_file(path)
    folder.flush()
    return folder


def _load_file(path: Path) -> File:
    file = File(mode=path.stat().st_mode, data=bytearray(path.read_bytes()))
    file.flush()
    return file


def store_survivors(folder: Folder, place: Path, chance: random.Random, kept: float) -> None:
    """Write what survives a power cut to an ordinary folder that is empty."""
    for name, node in folder.survivors(chance, kept).items():
        path = place / name.decode()
        if isinstance(node, Folder):
            path.mkdir()
            store_survivors(node, path, chance, kept)
        else:
            path.write_bytes(node.survivor(chance, kept))
            path.chmod(stat.S_IMODE(node.mode))
