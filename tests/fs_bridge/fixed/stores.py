"""Clusters of folders and of real XRootD servers for the tests of `fixed://`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cygnet_fs_bridge.fixed.filesystem import FixedFileSystem


def table(nodes: Mapping[str, str], replicas: int = 2, quorum: int | None = None, start: str = "") -> str:
    lines = ["[[epoch]]", f"replicas = {replicas}"]
    lines += [f"quorum = {quorum}"] if quorum else []
    lines += [f'from = "{start}"'] if start else []
    lines += ["[epoch.nodes]", *(f'{name} = "{url}"' for name, url in nodes.items())]
    return "\n".join(lines) + "\n"


def opened(file: Path, text: str, **options: float) -> FixedFileSystem:
    """A filesystem of the table `text`, which is written to `file`."""
    file.write_text(text)
    return FixedFileSystem("test", table=file, skip_instance_cache=True, **options)


def folders(base: Path, names: str) -> dict[str, str]:
    """A folder as a store for each letter of `names`."""
    for name in names:
        (base / name).mkdir(exist_ok=True)
    return {name: f"file://{base / name}" for name in names}


def holders(base: Path, path: str, names: str) -> set[str]:
    return {name for name in names if (base / name / path.lstrip("/")).exists()}
