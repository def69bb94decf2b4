"""The `cygnet` command on the real service: what a person types and sees."""

import json
import subprocess
import sys
import time

import click
import pytest

from cygnet_fs_bridge import cli
from cygnet_fs_bridge.cli.common import Size, human


def test_login_is_remembered_for_its_owner_only(cygnet, tmp_path):
    saved = tmp_path / "config" / "cygnet" / "login.json"
    assert saved.stat().st_mode & 0o777 == 0o600
    assert json.loads(saved.read_text())["user"] == "ada"


def test_a_wrong_password_is_not_remembered(cygnet, server, tmp_path):
    (tmp_path / "config" / "cygnet" / "login.json").unlink()
    output = cygnet("login", server.url, "-u", "ada", "--password-stdin", input="wrong\n", code=3)
    assert output.startswith("Error: ")
    assert not (tmp_path / "config" / "cygnet" / "login.json").exists()
    assert "Run `cygnet login URL`" in cygnet("ls", code=3)


def test_files_up_and_down(cygnet, folder, tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    cygnet("put", tmp_path / "a.txt", f"cygnet:/{folder}/new/b.txt")
    cygnet("put", tmp_path / "a.txt", f"cygnet:/{folder}/")
    assert cygnet("ls", f"cygnet:/{folder}").split() == ["a.txt", "new/"]
    cygnet("get", f"{folder}/new/b.txt", tmp_path / "c.txt")
    assert (tmp_path / "c.txt").read_text() == "hello"


def test_folders_up_and_down(cygnet, folder, tmp_path):
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "tree" / "a").write_text("1")
    (tmp_path / "tree" / "deep" / "b").write_text("2")
    assert "upload it with -r" in cygnet("put", tmp_path / "tree", folder, code=6)
    cygnet("put", "-r", tmp_path / "tree", folder)
    assert "download it with -r" in cygnet("get", f"{folder}/tree", tmp_path / "back", code=6)
    cygnet("get", "-r", f"{folder}/tree", tmp_path / "back")
    assert (tmp_path / "back" / "deep" / "b").read_text() == "2"


def test_many_small_files_come_in_few_requests(cygnet, fs, folder, server, tmp_path):
    files = {f"{folder}/{number} ü": b"%d" % number * 100 for number in range(60)}
    fs.pipe({**files, f"{folder}/large": b"x" * 100_000, f"{folder}/empty": b""})
    before = answered(server)
    told = json.loads(cygnet("get", "-r", "--json", folder, tmp_path / "back"))
    assert answered(server) - before < 20
    assert {path.name: path.read_bytes() for path in (tmp_path / "back").iterdir()} == {
        **{name.rpartition("/")[2]: data for name, data in files.items()},
        "large": b"x" * 100_000,
        "empty": b"",
    }
    assert len(told["done"]) >= 62
    assert all(len(one["sha1"]) == 40 for one in told["done"] if "sha1" in one)
    assert int((tmp_path / "back" / "7 ü").stat().st_mtime) == int(fs.info(f"{folder}/7 ü")["mtime"])


def answered(server):
    """How many requests the service has answered."""
    lines = server.traffic.metrics().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("cygnet_sync_requests_total{"))


def test_the_tree_is_changed(cygnet, fs, folder):
    cygnet("mkdir", "-p", f"{folder}/x/y")
    cygnet("mkdir", "-p", f"{folder}/x/y")
    assert "exists already" in cygnet("mkdir", f"{folder}/x", code=6)
    fs.pipe_file(f"{folder}/a", b"1")
    fs.pipe_file(f"{folder}/b", b"2")
    cygnet("cp", f"{folder}/a", f"{folder}/x")
    assert "exists already" in cygnet("mv", f"{folder}/a", f"{folder}/b", code=6)
    cygnet("mv", "-f", f"{folder}/a", f"{folder}/b")
    assert fs.cat_file(f"{folder}/b") == b"1"
    assert "delete it with -r" in cygnet("rm", f"{folder}/x", code=6)
    cygnet("rm", "-r", f"{folder}/x", f"{folder}/b")
    assert fs.ls(folder) == []


def test_a_listing_for_programs_and_for_people(cygnet, fs, folder):
    fs.pipe_file(f"{folder}/a", b"12345")
    [node] = json.loads(cygnet("ls", "--json", folder))
    assert (node["name"], node["size"], node["kind"]) == ("a", 5, "file")
    assert "5 B" in cygnet("ls", "-l", f"{folder}/a")


def test_errors_are_one_line_of_words(cygnet):
    output = cygnet("ls", "cygnet://no/such", code=4)
    assert output.count("\n") == 1
    assert output.startswith("Error: ")
    assert "/no/such" in output


def test_sharing(cygnet, fs, folder):
    fs.pipe_file(f"{folder}/a", b"1")
    assert "can edit  Emmy Noether" in cygnet("share", f"{folder}/a", "student", "--edit")
    link = cygnet("share", f"{folder}/a", "--link", "--expires", "2099-01-01")
    assert "/s/" in link
    assert len(cygnet("share", f"{folder}/a").splitlines()) == 2
    cygnet("share", f"{folder}/a", "--remove", link.split()[0])
    assert len(cygnet("share", f"{folder}/a").splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "size"), [("0", 0), ("5", 5), ("10 kB", 10_000), ("1.5GiB", 3 << 29), ("2t", 2 * 10**12)]
)
def test_sizes(text, size):
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "GB", "-1", "1e9", "5 apples", "1 iB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(click.BadParameter, match="write for example 500MB"):
        Size().convert(text, None, None)


def test_sizes_for_people():
    assert [human(size) for size in (0, 999, 1500, 2_000_000, 3 * 10**15)] == [
        "0 B", "999 B", "1.5 kB", "2.0 MB", "3.0 PB",
    ]  # fmt: skip


def test_a_command_that_cannot_be_loaded_does_not_break_the_others(cygnet, monkeypatch):
    class Broken:
        name = "broken"

        def load(self):
            raise ImportError("no module named other")

    found = cli.LazyGroup._found
    monkeypatch.setattr(cli.LazyGroup, "_found", lambda self: {**found(self), "broken": Broken()})
    assert "`cygnet broken` cannot be loaded: no module named other" in cygnet("broken", code=1)
    output = cygnet("--help")
    assert "mount" in output


def test_the_command_starts_without_loading_what_it_does_not_need():
    script = (
        "import sys\n"
        "from cygnet_fs_bridge.cli import main\n"
        "main(['ls', '--help'], standalone_mode=False)\n"
        "heavy = {'uproot', 's3fs', 'numpy', 'jupyterhub', 'tornado'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60, stdout=subprocess.DEVNULL)
    assert time.monotonic() - began < 10
