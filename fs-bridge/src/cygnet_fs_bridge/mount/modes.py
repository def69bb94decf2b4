"""Mode bits, which the service does not keep: remembered on this machine where they are unusual."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from ..models import Node

log = logging.getLogger(__name__)

_MOST = 100_000  # files whose modes are remembered; those that were set last stay


def usual_mode(node: Node) -> int:
    """Return the mode bits that the permission letters of a node mean."""
    if node.is_folder:
        return 0o755 if set("CK") & set(node.permissions) else 0o555
    return 0o644 if "W" in node.permissions else 0o444


class Modes:
    """The modes of one person's files at one service, by node id, in a file with a line for each change.

    Args:
        path: the file, made when there is something to remember; None remembers nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._kept: dict[str, int] = {}
        if path is not None and path.exists():
            self._load(path)

    def _load(self, path: Path) -> None:
        lines = path.read_text().splitlines()
        for line in lines:
            name, _, mode = line.rpartition("\t")
            with contextlib.suppress(ValueError):  # a line that was cut short
                self._kept.pop(name, None)
                self._kept[name] = int(mode, 8)
        if len(lines) > _MOST:
            self._kept = dict(list(self._kept.items())[-_MOST // 2 :])
            fresh = path.with_name(path.name + ".new")
            fresh.write_text("".join(f"{name}\t{mode:o}\n" for name, mode in self._kept.items()))
            fresh.replace(path)

    def of(self, node: Node) -> int:
        """Return the mode bits of a node; nobody may write what the service says is read-only."""
        usual = usual_mode(node)
        kept = self._kept.get(node.id, usual)
        return kept if usual & 0o200 else kept & ~0o222

    def keep(self, node: Node, mode: int) -> None:
        """Remember the mode bits of a node."""
        if mode in (self.of(node), self._kept.get(node.id)):
            return
        self._kept[node.id] = mode
        if self._path is None:
            return
        try:
            with self._path.open("a") as file:
                file.write(f"{node.id}\t{mode:o}\n")
        except OSError as error:
            log.warning("the mode of a file is not remembered: %s", error)
