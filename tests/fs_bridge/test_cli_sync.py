"""`cygnet sync`: one folder like another."""

import json
import os
import time

import pytest


@pytest.fixture
def here(tmp_path):
    """A local folder with a few files."""
    for name, text in (("a", "1"), ("deep/b", "22"), ("deep/c.tmp", "333")):
        path = tmp_path / "here" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "here" / "empty").mkdir()
    return tmp_path / "here"


def names(fs, folder):
    found = set(fs.find(folder, withdirs=True)) - {folder}
    return sorted(path.removeprefix(f"{folder}/") for path in found)


def test_up_and_down(cygnet, fs, folder, here, tmp_path):
    there = f"cygnet:/{folder}/there"
    cygnet("sync", here, there)
    assert names(fs, f"{folder}/there") == ["a", "deep", "deep/b", "deep/c.tmp", "empty"]
    cygnet("sync", there, tmp_path / "back")
    found = sorted(str(path.relative_to(tmp_path / "back")) for path in (tmp_path / "back").rglob("*"))
    assert found == ["a", "deep", "deep/b", "deep/c.tmp", "empty"]
    for source, destination in ((here, there), (there, here), (there, tmp_path / "back")):
        assert json.loads(cygnet("sync", "-n", "--json", source, destination)) == {"copy": [], "delete": []}


def test_only_what_differs_is_copied(cygnet, fs, folder, here):
    there = f"cygnet:/{folder}"
    cygnet("sync", here, there)
    (here / "deep" / "b").write_text("44")
    then = time.time() - 100
    os.utime(here / "deep" / "b", (then, then))
    (here / "new").write_text("5")
    assert cygnet("sync", "--dry-run", here, there).splitlines() == ["copy deep/b", "copy new"]
    done = json.loads(cygnet("sync", "--json", here, there))["done"]
    assert sorted(one["destination"] for one in done) == [f"{folder}/deep/b", f"{folder}/new"]
    assert fs.cat_file(f"{folder}/deep/b") == b"44"


def test_deleting_is_asked_for(cygnet, fs, folder, here):
    there = f"cygnet:/{folder}"
    fs.pipe_file(f"{folder}/old/deep/x", b"1")
    fs.pipe_file(f"{folder}/old.txt", b"1")
    cygnet("sync", here, there)
    assert fs.exists(f"{folder}/old/deep/x")
    told = json.loads(cygnet("sync", "-n", "--json", "--delete", here, there))
    assert told == {"copy": [], "delete": ["old", "old.txt"]}
    cygnet("sync", "--delete", here, there)
    assert names(fs, folder) == ["a", "deep", "deep/b", "deep/c.tmp", "empty"]
    assert f"{folder}/old.txt" in cygnet("restore")


def test_deleting_here(cygnet, fs, folder, here):
    fs.pipe_file(f"{folder}/a", b"1")
    cygnet("sync", "--delete", f"cygnet:/{folder}", here)
    assert sorted(os.listdir(here)) == ["a"]


def test_what_is_excluded_is_left_alone_on_both_sides(cygnet, fs, folder, here):
    there = f"cygnet:/{folder}"
    fs.pipe_file(f"{folder}/gone/kept.tmp", b"1")
    fs.pipe_file(f"{folder}/gone/x", b"1")
    cygnet("sync", "--delete", "--exclude", "*.tmp", "--exclude", "empty", here, there)
    assert names(fs, folder) == ["a", "deep", "deep/b", "gone", "gone/kept.tmp"]


def test_a_file_where_a_folder_was(cygnet, fs, folder, here):
    there = f"cygnet:/{folder}"
    fs.pipe_file(f"{folder}/a/inside", b"1")
    fs.pipe_file(f"{folder}/deep", b"1")
    cygnet("sync", here, there, code=6)
    cygnet("sync", "--delete", here, there)
    assert fs.cat_file(f"{folder}/a") == b"1"
    assert fs.cat_file(f"{folder}/deep/b") == b"22"


def test_nothing_is_deleted_when_something_failed(cygnet, fs, folder, here):
    there = f"cygnet:/{folder}"
    fs.pipe_file(f"{folder}/old", b"1")
    (here / "a").unlink()
    (here / ("x" * 200 + "\udcff")).write_text("a name that is not text")
    cygnet("sync", "--delete", here, there, code=10)
    assert fs.exists(f"{folder}/old")


def test_what_cannot_be_meant_is_refused(cygnet, fs, folder, here, tmp_path):
    cygnet("sync", here, tmp_path / "other", code=2)
    cygnet("sync", "cygnet://a", "cygnet://b", code=2)
    cygnet("sync", here / "a", f"cygnet:/{folder}", code=1)
    cygnet("sync", tmp_path / "missing", f"cygnet:/{folder}", "--delete", code=1)
    cygnet("sync", f"cygnet:/{folder}/missing", here, "--delete", code=4)
    assert (here / "a").exists()
