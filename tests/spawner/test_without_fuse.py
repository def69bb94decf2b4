"""A machine on which nothing can be mounted: the same tree in the file browser, and the person is told."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from tests import platform
from tests.spawner.small_hub import Person

pytestmark = [
    pytest.mark.needs("root", "bwrap", "unshare"),
    pytest.mark.platform,
    pytest.mark.timeout(180),
]
WITHOUT_FUSE = ["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null /dev/fuse && exec "$@"', "sh"]


def test_the_tree_is_served_without_a_mount() -> None:
    with tempfile.TemporaryDirectory(prefix="cygnet-nofuse-") as name:
        running = platform.start(Path(name) / "data", "--demo", prefix=WITHOUT_FUSE)
        try:
            teacher = Person(running.hub, "teacher", running.passwords["teacher"], running.logs)
            teacher.start()
            _check(teacher, running.data)
        finally:
            running.stop()


def _check(teacher: Person, data: Path) -> None:
    listing = teacher.server("GET", "api/contents").json()
    assert "Examples" in [child["name"] for child in listing["content"]]
    note = {"type": "file", "format": "text", "content": "by the browser"}
    assert teacher.server("PUT", "api/contents/note.txt", json=note).status_code == 201
    read = "import fsspec; print(fsspec.open('cygnet://note.txt', 'r').open().read())"
    teacher.terminal(f'python -c "{read}" > ~/read.part; mv ~/read.part ~/read; echo $CYGNET_MOUNT > ~/mount')
    home = data / "homes" / "teacher"
    assert teacher.eventually(home / "read").strip() == "by the browser"
    assert teacher.eventually(home / "mount").strip() == "none"
    state = json.loads((data / "run" / "teacher" / "mount" / "state.json").read_text())
    assert state["state"] == "none"
    assert "cygnet://" in state["message"]
