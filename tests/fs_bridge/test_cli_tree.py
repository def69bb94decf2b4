"""The commands that look at the tree, and work on several things at a time."""

import json
import os
import time

import pytest

from cygnet_fs_bridge import errors
from cygnet_fs_bridge.client.walk import matching
from cygnet_fs_bridge.models import Node


@pytest.fixture
def tree(fs, folder):
    """A few files, in folders."""
    for name, size in (("a.root", 10), ("b.txt", 20), ("deep/c.root", 300), ("deep/er/d.root", 4000)):
        fs.pipe_file(f"{folder}/{name}", b"x" * size)
    return folder


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.root", ["a.root"]),
        ("?.*", ["a.root", "b.txt"]),
        ("[bc].txt", ["b.txt"]),
        ("*/*.root", ["deep/c.root"]),
        ("**/*.root", ["a.root", "deep/c.root", "deep/er/d.root"]),
        ("d*/**/d.root", ["deep/er/d.root"]),
        ("deep/**", ["deep/c.root", "deep/er", "deep/er/d.root"]),
    ],
)
def test_patterns(cygnet, tree, pattern, found):
    nodes = json.loads(cygnet("ls", "--json", f"{tree}/{pattern}"))
    assert [node["path"].removeprefix(f"{tree}/") for node in nodes] == found


def test_what_is_called_like_a_pattern_is_meant(cygnet, fs, tree):
    fs.pipe_file(f"{tree}/[ab]*", b"1")
    cygnet("rm", f"{tree}/[ab]*")
    assert fs.exists(f"{tree}/a.root")
    assert not fs.exists(f"{tree}/[ab]*")


def test_a_pattern_that_matches_nothing_is_an_error(cygnet, tree):
    assert "Nothing matches" in cygnet("rm", f"{tree}/*.csv", code=4)


def test_several_things_at_a_time(cygnet, fs, tree):
    cygnet("mkdir", f"{tree}/into")
    cygnet("cp", f"{tree}/*.root", f"{tree}/b.txt", f"{tree}/into")
    assert fs.ls(f"{tree}/into", detail=False) == [f"{tree}/into/a.root", f"{tree}/into/b.txt"]
    cygnet("mv", f"{tree}/into/*", f"{tree}/new/")
    assert fs.ls(f"{tree}/new", detail=False) == [f"{tree}/new/a.root", f"{tree}/new/b.txt"]
    cygnet("rm", f"{tree}/new/*")
    assert fs.ls(f"{tree}/new") == []


def test_several_files_up_and_down(cygnet, fs, folder, tmp_path):
    names = [f"n{number}" for number in range(10)]
    for name in names:
        (tmp_path / name).write_text(name)
    cygnet("put", "-j", 3, *[tmp_path / name for name in names], folder)
    assert fs.cat_file(f"{folder}/n7") == b"n7"
    cygnet("get", "-j", 3, f"{folder}/n[0-4]", tmp_path / "down/")
    assert sorted(os.listdir(tmp_path / "down")) == names[:5]
    then = (tmp_path / "n3").stat().st_mtime
    assert abs((tmp_path / "down" / "n3").stat().st_mtime - then) < 0.01


def test_what_is_whole_remains_when_others_fail(cygnet, fs, tree, tmp_path):
    fs.mkdir(f"{tree}/into")
    fs.pipe_file(f"{tree}/into/a.root", b"here already")
    output = cygnet("cp", f"{tree}/a.root", f"{tree}/b.txt", f"{tree}/into", code=10)
    assert output.count("Error: ") == 1
    assert fs.cat_file(f"{tree}/into/a.root") == b"here already"
    assert fs.exists(f"{tree}/into/b.txt")


def test_links_are_followed_to_files_and_not_to_folders(cygnet, fs, folder, tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a").write_text("1")
    (tmp_path / "tree" / "again").symlink_to("a")
    (tmp_path / "tree" / "round").symlink_to(".")
    os.mkfifo(tmp_path / "tree" / "pipe")
    output = cygnet("put", "-r", tmp_path / "tree", folder)
    assert output.count("Left out") == 2
    assert fs.ls(f"{folder}/tree", detail=False) == [f"{folder}/tree/a", f"{folder}/tree/again"]


def test_sizes_of_folders(cygnet, tree):
    assert cygnet("du", tree).split() == ["4.3", "kB", f"{tree}/"]
    found = {one["path"]: one["size"] for one in json.loads(cygnet("du", "--json", "-d", 1, tree))}
    assert found == {f"{tree}/a.root": 10, f"{tree}/b.txt": 20, f"{tree}/deep": 4300, tree: 4330}
    assert len(cygnet("du", "-d", 9, tree).splitlines()) == 7
    assert cygnet("du").splitlines()[0].endswith(" /")


def test_finding(cygnet, tree):
    def found(*conditions):
        return [path.removeprefix(f"{tree}/") for path in cygnet("find", tree, *conditions).splitlines()]

    assert found("--name", "*.root") == ["a.root", "deep/c.root", "deep/er/d.root"]
    assert found("--type", "folder") == ["deep", "deep/er"]
    assert found("--type", "file", "--larger", "20", "--smaller", "1kB") == ["deep/c.root"]
    assert found("--older", "1h") == []
    assert len(found("--newer", "1h", "--older", "2099-01-01")) == 6
    assert "4.0 kB" in cygnet("find", "-l", tree, "--name", "d.root")
    assert cygnet("find", f"{tree}/b.txt") == f"{tree}/b.txt\n"
    assert "is not a time" in cygnet("find", tree, "--newer", "yesterday", code=2)


def test_versions_and_going_back(cygnet, fs, folder):
    for contents in (b"one", b"two", b"three"):
        fs.pipe_file(f"{folder}/a", contents)
    newest, _, oldest = json.loads(cygnet("versions", "--json", f"{folder}/a"))
    assert newest["current"]
    assert "current" in cygnet("versions", f"{folder}/a").splitlines()[0]
    cygnet("restore", f"{folder}/a", "--version", oldest["id"])
    assert fs.cat_file(f"{folder}/a") == b"one"
    assert len(cygnet("versions", f"{folder}/a").splitlines()) == 4
    cygnet("restore", f"{folder}/a", "--version", "999999", code=4)
    cygnet("restore", f"{folder}/a", f"{folder}/b", "--version", "1", code=2)


def test_what_was_deleted_comes_back(cygnet, fs, folder):
    fs.pipe_file(f"{folder}/a", b"first")
    cygnet("rm", f"{folder}/a")
    fs.pipe_file(f"{folder}/a", b"second")
    cygnet("rm", f"{folder}/a")
    assert cygnet("restore").count(f"{folder}/a\n") == 2
    assert cygnet("restore", f"{folder}/a") == f"{folder}/a is back\n"
    assert fs.cat_file(f"{folder}/a") == b"second"
    cygnet("restore", f"{folder}/never", code=4)


def test_a_link_is_made_once(cygnet, fs, folder):
    fs.pipe_file(f"{folder}/a", b"1")
    address = cygnet("link", f"{folder}/a")
    assert "/s/" in address
    assert cygnet("link", f"{folder}/a") == address
    assert cygnet("link", f"{folder}/a", "--expires", "2099-01-01") != address
    locked = cygnet("link", f"{folder}/a", "--password-stdin", input="a long password\n")
    assert locked != cygnet("link", f"{folder}/a", "--password-stdin", input="a long password\n")
    assert cygnet("link", f"{folder}/a") == address
    assert cygnet("link", f"{folder}/a", "--remove") == ""
    assert cygnet("share", f"{folder}/a") == ""


def test_answers_for_programs(cygnet, fs, folder, tmp_path):
    (tmp_path / "a").write_text("12345")
    [sent] = json.loads(cygnet("put", "--json", tmp_path / "a", folder))["done"]
    assert (sent["destination"], sent["size"], sent["moved"]) == (f"{folder}/a", 5, 5)
    [copied] = json.loads(cygnet("cp", "--json", f"{folder}/a", f"{folder}/b"))["done"]
    assert copied["path"] == f"{folder}/b"
    assert json.loads(cygnet("mkdir", "--json", f"{folder}/new"))["kind"] == "folder"
    [shared] = json.loads(cygnet("share", "--json", f"{folder}/a", "student"))
    assert shared["grantee"]["id"] == "student"
    [removed] = json.loads(cygnet("rm", "--json", f"{folder}/a"))["done"]
    assert removed["name"] == "a"


async def test_names_that_lead_out_of_a_folder_are_refused():
    class Hostile:
        async def stat(self, path):
            raise errors.NotFound("no")

        async def listing(self, path):
            return None, [Node("1", "..", "/..", "folder", 0, time.time(), "e")]

    with pytest.raises(errors.ServiceError, match="no file can have"):
        await matching(Hostile(), "/**")


def test_many_small_files_go_together(cygnet, fs, folder, tmp_path, caplog):
    (tmp_path / "many").mkdir()
    for number in range(500):
        (tmp_path / "many" / f"{number:03}").write_bytes(b"%d" % number)
    fs.pipe_file(f"{folder}/many/007/in the way", b"1")
    (tmp_path / "many" / "large").write_bytes(b"x" * (100 << 10))
    caplog.clear()
    output = cygnet("put", "--json", "-r", tmp_path / "many", folder, code=10)
    assert sum(record.name == "cygnet.sync.access" for record in caplog.records) < 30
    told, _ = json.JSONDecoder().raw_decode(output)
    assert len(told["done"]) == 500
    [failed] = told["failed"]
    assert failed["name"].endswith("/007")
    assert fs.cat_file(f"{folder}/many/499") == b"499"
    then = (tmp_path / "many" / "499").stat().st_mtime
    assert abs(fs.info(f"{folder}/many/499")["mtime"] - then) < 0.01
    assert fs.info(f"{folder}/many/large")["size"] == 100 << 10
