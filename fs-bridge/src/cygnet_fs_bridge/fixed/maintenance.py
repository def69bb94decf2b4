"""Check, repair and rebalance the replicas of `fixed://`, folder by folder, so that it may stop and go on."""

from __future__ import annotations

import asyncio
import tempfile
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .filesystem import FixedFileSystem
from .node import Node

Kind = Literal["missing", "differs", "misplaced", "undecided", "away", "failed"]
Task = Literal["check", "repair", "rebalance"]

_PART = 8 << 20
_FILES = 4  # files that are worked on at a time


@dataclass(frozen=True)
class Finding:
    """What is wrong with a file, at which nodes, and whether it has been put right."""

    path: str
    kind: Kind
    nodes: tuple[str, ...]
    mended: bool = False
    detail: str = ""


@dataclass
class Report:
    """What has been looked at so far."""

    folder: str = ""
    files: int = 0
    copied_bytes: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def open_findings(self) -> list[Finding]:
        """What is still wrong."""
        return [finding for finding in self.findings if not finding.mended]


@dataclass(frozen=True)
class Replicas:
    """All copies of one file: where they are, and where they have to be."""

    path: str
    owners: tuple[Node, ...]
    copies: Mapping[
        Node, Any
    ]  # what tells versions apart: the size, and the checksum when contents are compared

    def right(self) -> Any | None:
        """Return the version that most copies have; None if two are equally frequent."""
        ranked = Counter(self.copies.values()).most_common(2)
        return None if len(ranked) == 2 and ranked[0][1] == ranked[1][1] else ranked[0][0]


class Maintenance:
    """One walk over all files.

    Args:
        fs: the filesystem.
        task: `check` changes nothing; `repair` makes missing replicas and replaces damaged ones; `rebalance`
            also deletes copies that lie where they do not belong, once all their owners have the file.
        contents: compare contents by checksum, not only sizes.
    """

    def __init__(self, fs: FixedFileSystem, task: Task, contents: bool = False) -> None:
        self._fs, self._task, self._contents = fs, task, contents

    async def run(self, after: str = "", start: str = "/") -> AsyncIterator[Report]:
        """Work through all folders in order; a report after each has what is new.

        Args:
            after: the last folder that is done already, empty to begin at the beginning.
            start: the folder to work below.
        """
        todo = [start]
        while todo:
            folder = todo.pop()
            if _done(folder, after) and not _above(folder, after):
                continue
            report = Report(folder)
            children = await self._folder(folder, report, only_walk=_done(folder, after))
            todo += sorted(children, key=_order, reverse=True)
            if not _done(folder, after):
                yield report

    async def _folder(self, folder: str, report: Report, only_walk: bool) -> list[str]:
        """Work on the files of a folder; return the folders in it."""
        nodes = self._fs.nodes(self._fs.table().epochs_below(folder))
        answers = await asyncio.gather(*(node.children(folder) for node in nodes), return_exceptions=True)
        found: dict[str, dict[Node, dict[str, Any]]] = {}
        folders: set[str] = set()
        silent: set[Node] = set()
        for node, answer in zip(nodes, answers, strict=True):
            if isinstance(answer, BaseException):
                silent.add(node)
                continue
            for info in answer:
                if info["type"] == "directory":
                    folders.add(info["name"])
                else:
                    found.setdefault(info["name"], {})[node] = info
        if silent:
            report.findings.append(Finding(folder, "away", _names(silent)))
        if not only_walk:
            await self._files(found, silent, report)
        return list(folders)

    async def _files(
        self, found: Mapping[str, Mapping[Node, dict[str, Any]]], silent: set[Node], report: Report
    ) -> None:
        gate = asyncio.Semaphore(_FILES)

        async def one(path: str) -> None:
            async with gate:
                await self._file(path, found[path], silent, report)

        await asyncio.gather(*(one(path) for path in sorted(found)))
        report.files += len(found)
        report.findings.sort(key=lambda finding: finding.path)

    async def _file(
        self, path: str, infos: Mapping[Node, dict[str, Any]], silent: set[Node], report: Report
    ) -> None:
        try:
            replicas = await self._replicas(path, infos)
            await self._mend(replicas, silent, report)
        except OSError as error:  # told with the file; the walk goes on with the others
            report.findings.append(Finding(path, "failed", _names(infos), detail=str(error)))

    async def _replicas(self, path: str, infos: Mapping[Node, dict[str, Any]]) -> Replicas:
        versions: dict[Node, Any] = {node: info["size"] for node, info in infos.items()}
        if self._contents:
            sums = await asyncio.gather(*(_adler32(node, path) for node in infos))
            versions = {node: (versions[node], total) for node, total in zip(infos, sums, strict=True)}
        return Replicas(path, tuple(self._fs.owners(path)), versions)

    async def _mend(self, replicas: Replicas, silent: set[Node], report: Report) -> None:
        copies, owners, right = replicas.copies, replicas.owners, replicas.right()
        if right is None:
            report.findings.append(Finding(replicas.path, "undecided", _names(copies)))
            return
        missing = [node for node in owners if node not in copies and node not in silent]
        wrong = [node for node in owners if node in copies and copies[node] != right]
        misplaced = [node for node in copies if node not in owners]
        source = next(node for node, version in copies.items() if version == right)
        mending = self._task != "check"
        if mending and (missing or wrong):
            copied = await self._copy(source, [*missing, *wrong], replicas.path)
            report.copied_bytes += copied  # not in one line: others add theirs while this one waits
        for kind, nodes in (("missing", missing), ("differs", wrong)):
            if nodes:
                report.findings.append(Finding(replicas.path, kind, _names(nodes), mending))  # type: ignore[arg-type]
        if misplaced:
            complete = self._task == "rebalance" and not silent.intersection(owners)
            if complete:
                await asyncio.gather(*(node.remove(replicas.path) for node in misplaced))
            report.findings.append(Finding(replicas.path, "misplaced", _names(misplaced), complete))

    async def _copy(self, source: Node, targets: Sequence[Node], path: str) -> int:
        """Copy a file from one node to others; return the bytes written."""
        with tempfile.NamedTemporaryFile(prefix="cygnet-fixed-") as file:
            size = 0
            while part := await _part(source, path, size):
                await asyncio.to_thread(file.write, part)
                size += len(part)
            file.flush()
            for node in targets:
                await node.write(path, lambda store, name: store._put_file(file.name, name), size)
        return size * len(targets)


def _names(nodes: Any) -> tuple[str, ...]:
    return tuple(sorted(node.place.name for node in nodes))


def _order(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _done(folder: str, after: str) -> bool:
    """Whether a walk that has come to `after` has finished with the files of `folder`."""
    return bool(after) and _order(folder) <= _order(after)


def _above(folder: str, after: str) -> bool:
    """Whether `folder` is `after` or lies above it, so that there is still something below it."""
    return _order(after)[: len(_order(folder))] == _order(folder)


async def _part(node: Node, path: str, at: int) -> bytes:
    data: bytes = await node.ask(node.store._cat_file(node.at(path), start=at, end=at + _PART), path)
    return data


async def _adler32(node: Node, path: str) -> int:
    total, at = 1, 0
    while part := await _part(node, path, at):
        total, at = zlib.adler32(part, total), at + len(part)
    return total
