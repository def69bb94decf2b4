"""`fixed://` over folders: replicas, quorum, epochs, growing."""

import fsspec
import pytest

from cygnet_fs_bridge import errors
from cygnet_fs_bridge.fixed.node import Node

from .stores import folders, holders, opened, table


@pytest.fixture
def fs(tmp_path):
    return opened(tmp_path / "t.toml", table(folders(tmp_path, "abc"), replicas=2, quorum=1))


@pytest.fixture
def away(monkeypatch):
    """Names of nodes that do not answer."""
    names, ask = set(), Node.ask

    async def answer(self, work, path, limit=None):
        if self.place.name in names:
            work.close()
            raise errors.Unavailable("away", path)
        return await ask(self, work, path, limit)

    monkeypatch.setattr(Node, "ask", answer)
    return names


def test_replicas_lie_where_the_path_says(fs, tmp_path):
    for number in range(20):
        path = f"/x/file{number}"
        fs.pipe_file(path, b"1")
        assert holders(tmp_path, path, "abc") == {node.place.name for node in fs.owners(path)}
    assert len(fs.ls("/x")) == 20
    assert fs.ls("/", detail=False) == ["/x"]


def test_the_address_names_the_table(tmp_path, monkeypatch):
    monkeypatch.setenv("CYGNET_FIXED_TABLES", str(tmp_path))
    (tmp_path / "lab.toml").write_text(table(folders(tmp_path, "ab")))
    with fsspec.open("fixed://lab/2026/11/x", "wb") as file:
        file.write(b"hello")
    found, path = fsspec.url_to_fs("fixed://lab/2026/11/x")
    assert found.cat(path) == b"hello"
    assert found.unstrip_protocol(path) == "fixed://lab/2026/11/x"


def test_reading_needs_one_replica(fs, away):
    fs.pipe_file("/a", b"0123456789")
    away.add(fs.owners("/a")[0].place.name)
    assert fs.cat("/a") == b"0123456789"
    assert fs.cat_ranges(["/a"] * 2, [0, 5], [2, 7]) == [b"01", b"56"]
    assert fs.info("/a")["size"] == 10
    with fs.open("/a") as file:
        assert file.read() == b"0123456789"


def test_a_new_file_needs_a_quorum(tmp_path, away):
    fs = opened(tmp_path / "t.toml", table(folders(tmp_path, "abc"), replicas=3))
    away.add("a")
    fs.pipe_file("/x", b"1")
    away.add("b")
    with pytest.raises(errors.Unavailable):
        fs.pipe_file("/y", b"1")
    away.clear()
    assert holders(tmp_path, "/x", "abc") == {"b", "c"}
    assert not fs.exists("/y")


def test_what_is_away_would_come_back_so_replacing_and_deleting_need_all(fs, away):
    fs.pipe_file("/a", b"old")
    away.add(fs.owners("/a")[1].place.name)
    for attempt in (lambda: fs.pipe_file("/a", b"new"), lambda: fs.rm("/a"), lambda: fs.mv("/a", "/b")):
        with pytest.raises(errors.Unavailable):
            attempt()
    away.clear()
    assert [fs.cat("/a"), fs.cat("/a", start=0)] == [b"old", b"old"]
    fs.pipe_file("/a", b"new")
    fs.rm("/a")
    assert not fs.exists("/a")


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path, monkeypatch):
    fs = opened(tmp_path / "t.toml", table(folders(tmp_path, "abc"), replicas=3))
    write = Node.write

    async def full(self, path, put, size):
        if self.place.name in "bc":
            raise errors.QuotaExceeded("full", path)
        await write(self, path, put, size)

    monkeypatch.setattr(Node, "write", full)
    with pytest.raises(errors.QuotaExceeded):
        fs.pipe_file("/x", b"1")
    assert holders(tmp_path, "/x", "abc") == set()


def test_missing_and_hidden_are_told_apart(tmp_path, away):
    fs = opened(tmp_path / "t.toml", table(folders(tmp_path, "abc"), replicas=3))
    fs.pipe_file("/d/x", b"1")
    away.add("a")
    with pytest.raises(FileNotFoundError):
        fs.cat("/no")
    assert fs.ls("/d", detail=False) == ["/d/x"]
    away.add("b")
    with pytest.raises(errors.Unavailable):
        fs.cat("/no")
    with pytest.raises(errors.Unavailable):
        fs.ls("/d")
    assert fs.cat("/d/x") == b"1"


def test_a_new_epoch_takes_new_months_and_is_seen_by_open_filesystems(fs, tmp_path):
    fs.pipe_file("/2026/10/a", b"1")
    with (tmp_path / "t.toml").open("a") as file:
        file.write(table(folders(tmp_path, "de"), start="2026-11"))
    fs.pipe_file("/2026/11/b", b"2")
    assert holders(tmp_path, "/2026/11/b", "abcde") == {"d", "e"}
    assert fs.find("/") == ["/2026/10/a", "/2026/11/b"]
    assert fs.cat("/2026/10/a") == b"1"


def test_a_grown_cluster_is_read_before_anything_has_moved(fs, tmp_path):
    paths = [f"/x/{number}" for number in range(40)]
    for path in paths:
        fs.pipe_file(path, path.encode())
    (tmp_path / "t.toml").write_text(table(folders(tmp_path, "abcd"), replicas=2, quorum=1))
    assert [fs.cat(path) for path in paths] == [path.encode() for path in paths]
    assert len(fs.ls("/x")) == 40
