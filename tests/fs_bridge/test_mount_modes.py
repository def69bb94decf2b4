"""Which mode bits are remembered, and what the service's permissions make of them."""

from dataclasses import replace

from cygnet_fs_bridge.models import Node
from cygnet_fs_bridge.mount import modes
from cygnet_fs_bridge.mount.modes import Modes

FILE = Node.from_json(
    {"id": "7", "path": "/a", "name": "a", "kind": "file", "size": 1, "mtime": 1.0, "etag": "x",
     "permissions": "RGDNVW", "mime": "text/plain"}
)  # fmt: skip


def test_what_is_unusual_is_remembered(tmp_path):
    kept = Modes(tmp_path / "modes")
    kept.keep(FILE, 0o644)
    assert not (tmp_path / "modes").exists()
    kept.keep(FILE, 0o755)
    kept.keep(FILE, 0o755)
    assert (tmp_path / "modes").read_text() == "7\t755\n"
    assert Modes(tmp_path / "modes").of(FILE) == 0o755
    kept.keep(FILE, 0o644)
    assert Modes(tmp_path / "modes").of(FILE) == 0o644


def test_what_is_read_only_stays_so(tmp_path):
    kept, shown = Modes(tmp_path / "modes"), replace(FILE, permissions="RG")
    assert kept.of(shown) == 0o444
    kept.keep(shown, 0o755)
    kept.keep(shown, 0o755)
    assert kept.of(shown) == 0o555
    assert (tmp_path / "modes").read_text() == "7\t755\n"


def test_a_damaged_line_is_left_out_and_the_oldest_go(tmp_path, monkeypatch):
    (tmp_path / "modes").write_text("7\t755\n8\tx\n9")
    assert Modes(tmp_path / "modes").of(FILE) == 0o755
    monkeypatch.setattr(modes, "_MOST", 4)
    (tmp_path / "modes").write_text("7\t755\n" + "".join(f"n{number}\t600\n" for number in range(5)))
    assert Modes(tmp_path / "modes").of(FILE) == 0o644
    assert (tmp_path / "modes").read_text() == "n3\t600\nn4\t600\n"
