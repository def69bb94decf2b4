"""`root://` on a real server, beyond what the suite of fsspec asks."""

import itertools
import os
import signal
import subprocess
import sys
import time

import fsspec
import pytest
import skhep_testdata
import uproot

from cygnet_fs_bridge import errors
from cygnet_fs_bridge.xrootd import client
from cygnet_fs_bridge.xrootd.filesystem import XRootDFileSystem
from tests.xrootd_server import xrootd_servers

pytestmark = pytest.mark.needs("xrootd")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server():
    with xrootd_servers() as (running,):
        yield running


@pytest.fixture(scope="module")
def fs(server):
    return XRootDFileSystem(hostid=server.hostid, skip_instance_cache=True)


@pytest.fixture
def folder(fs):
    path = f"/data/work-{next(_numbers)}"
    fs.mkdir(path)
    return path


def names(fs, folder):
    return sorted(path.removeprefix(f"{folder}/") for path in fs.find(folder))


def until_back(fs, path):
    deadline = time.monotonic() + 10
    while True:
        try:
            return fs.info(path)
        except ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_fsspec_and_uproot_find_ours(server):
    found, path = fsspec.url_to_fs(f"{server.url}/a/b.root")
    assert isinstance(found, XRootDFileSystem)
    assert path == "/data/a/b.root"
    assert found.unstrip_protocol(path) == f"{server.url}/a/b.root"
    assert (
        fsspec.url_to_fs(f"roots://{server.hostid}//data/a")[0].unstrip_protocol("/a").startswith("roots://")
    )


def test_a_root_file_is_read_in_one_line(server, fs, folder):
    fs.put(skhep_testdata.data_path("uproot-HZZ.root"), f"{folder}/hzz.root")
    with uproot.open(f"root://{server.hostid}/{folder}/hzz.root:events") as events:
        assert len(events.arrays(["Muon_Px", "Muon_E"])) == 2421


def test_the_plain_calls(fs, folder):
    fs.pipe_file(f"{folder}/a", b"0123456789")
    assert fs.cat(f"{folder}/a") == b"0123456789"
    fs.cp(f"{folder}/a", f"{folder}/b")
    fs.mv(f"{folder}/b", f"{folder}/sub/c")
    assert fs.ls(folder, detail=False) == [f"{folder}/a", f"{folder}/sub"]
    assert fs.ls(f"{folder}/a", detail=False) == [f"{folder}/a"]
    assert names(fs, folder) == ["a", "sub/c"]
    assert fs.info(f"{folder}/a")["size"] == 10
    assert fs.digest(f"{folder}/a") == ("adler32", "0aff020e")
    before = fs.ukey(f"{folder}/a")
    fs.pipe_file(f"{folder}/a", b"9876543210")
    assert fs.ukey(f"{folder}/a") != before


def test_names_of_every_kind(fs, folder):
    for name in ("with space", "Ünïcødé", "100%", "a+b&c=d", "#1"):
        fs.pipe_file(f"{folder}/{name}", name.encode())
        assert fs.cat_file(f"{folder}/{name}") == name.encode()
        fs.mv(f"{folder}/{name}", f"{folder}/moved {name}")
        assert fs.cat_file(f"{folder}/moved {name}") == name.encode()


def test_names_that_xrootd_cannot_have_change_nothing(fs, folder, tmp_path):
    fs.pipe_file(f"{folder}/a", b"mine")
    (tmp_path / "local").write_text("other")
    for bad in (f"{folder}/a?b", f"{folder}/a\nb", f"{folder}/sub?/b"):
        for attempt in (
            lambda bad=bad: fs.pipe_file(bad, b"other"),
            lambda bad=bad: fs.put_file(str(tmp_path / "local"), bad),
            lambda bad=bad: fs.open(bad, "ab"),
            lambda bad=bad: fs.open(bad, "wb").close(),
            lambda bad=bad: fs.cp_file(f"{folder}/a", bad),
            lambda bad=bad: fs.mv(f"{folder}/a", bad),
            lambda bad=bad: fs.rm(bad),
            lambda bad=bad: fs.rm_file(bad),
            lambda bad=bad: fs.mkdir(bad),
            lambda bad=bad: fs.rmdir(bad),
        ):
            with pytest.raises((ValueError, FileNotFoundError)):
                attempt()
    assert names(fs, folder) == ["a"]
    assert fs.cat_file(f"{folder}/a?what=a-server-is-told") == b"mine"


def test_ranges_as_python_slices_them(fs, folder):
    fs.pipe_file(f"{folder}/a", b"0123456789")
    wanted = [(None, None), (2, 5), (-3, None), (None, -4), (-5, -2), (8, 100), (50, 60), (5, 5), (7, 3)]
    expected = [b"0123456789"[start:end] for start, end in wanted]
    assert [fs.cat_file(f"{folder}/a", start, end) for start, end in wanted] == expected
    starts, ends = zip(*wanted, strict=True)
    assert fs.cat_ranges([f"{folder}/a"] * len(wanted), list(starts), list(ends)) == expected


def test_long_and_many_ranges(fs, folder):
    data = os.urandom(12_000_000)
    fs.pipe_file(f"{folder}/a", data)
    assert fs.cat_file(f"{folder}/a") == data
    wanted = [(0, 5_000_000), (11_999_999, 12_000_000), *((i * 5000, i * 5000 + 10) for i in range(2000))]
    starts, ends = zip(*wanted, strict=True)
    found = fs.cat_ranges([f"{folder}/a"] * len(wanted), list(starts), list(ends))
    assert found == [data[start:end] for start, end in wanted]


def test_missing_files_do_not_spoil_other_ranges(fs, folder):
    fs.pipe_file(f"{folder}/a", b"012")
    found = fs.cat_ranges([f"{folder}/a", f"{folder}/no"], [0, 0], [2, 2], on_error="return")
    assert found[0] == b"01"
    assert isinstance(found[1], FileNotFoundError)
    with pytest.raises(FileNotFoundError):
        fs.cat_ranges([f"{folder}/a", f"{folder}/no"], [0, 0], [2, 2], on_error="raise")


def test_errors_are_those_of_python(fs, folder):
    fs.pipe_file(f"{folder}/a", b"1")
    cases = [
        (FileNotFoundError, lambda: fs.info(f"{folder}/no")),
        (FileNotFoundError, lambda: fs.cat(f"{folder}/no")),
        (FileNotFoundError, lambda: fs.ls(f"{folder}/no")),
        (FileNotFoundError, lambda: fs.rm(f"{folder}/no")),
        (FileNotFoundError, lambda: fs.mv(f"{folder}/no", f"{folder}/b")),
        (FileExistsError, lambda: fs.mkdir(folder)),
        (FileExistsError, lambda: fs.makedirs(folder)),
        (FileExistsError, lambda: fs.makedirs(f"{folder}/a", exist_ok=True)),
        (FileExistsError, lambda: fs.pipe_file(f"{folder}/a", b"2", mode="create")),
        (FileExistsError, lambda: fs.open(f"{folder}/a", "xb")),
        (IsADirectoryError, lambda: fs.cat(folder)),
        (IsADirectoryError, lambda: fs.open(folder)),
        (IsADirectoryError, lambda: fs.rm_file(folder)),
        (NotADirectoryError, lambda: fs.rmdir(f"{folder}/a")),
        (PermissionError, lambda: fs.info("/etc")),
        (errors.NotEmpty, lambda: fs.rmdir(folder)),
        (errors.NotEmpty, lambda: fs.rm(folder)),
    ]
    for expected, attempt in cases:
        with pytest.raises(expected):
            attempt()
    assert fs.cat(f"{folder}/a") == b"1"


def test_whole_trees(fs, folder, tmp_path):
    local = tmp_path / "tree"
    for name in ("a", "sub/b", "sub/deep/c"):
        (local / name).parent.mkdir(parents=True, exist_ok=True)
        (local / name).write_text(name)
    fs.put(str(local), f"{folder}/tree", recursive=True)
    assert names(fs, f"{folder}/tree") == ["a", "sub/b", "sub/deep/c"]
    fs.get(f"{folder}/tree", str(tmp_path / "back"), recursive=True)
    assert (tmp_path / "back/sub/deep/c").read_text() == "sub/deep/c"
    fs.cp(f"{folder}/tree", f"{folder}/copy", recursive=True)
    assert fs.cat(f"{folder}/copy/sub/b") == b"sub/b"
    fs.rm(folder, recursive=True)
    assert not fs.exists(folder)


def test_open_files(fs, folder):
    with fs.open(f"{folder}/a", "wb", block_size=1000) as file:
        for _ in range(10):
            file.write(b"x" * 999)
        assert not fs.exists(f"{folder}/a")  # it appears as a whole
    with fs.open(f"{folder}/a", "ab") as file:
        assert file.tell() == 9990
        file.write(b"end")
    with fs.open(f"{folder}/a", "rb", block_size=100) as file:
        assert file.read(5) == b"xxxxx"
        fs.pipe_file(f"{folder}/a", b"other")
        assert file.seek(9990) and file.read() == b"end"  # the file that was opened
    assert names(fs, folder) == ["a"]


def test_a_transaction_that_fails_leaves_nothing(fs, folder):
    with pytest.raises(RuntimeError), fs.transaction:
        with fs.open(f"{folder}/a", "wb") as file:
            file.write(b"1")
        raise RuntimeError
    assert names(fs, folder) == []


def test_a_write_that_fails_leaves_what_was_there(fs, folder, monkeypatch):
    fs.pipe_file(f"{folder}/a", b"old")

    async def full(self, data, at):
        raise errors.QuotaExceeded("There is no room left", self._path)

    monkeypatch.setattr(client.OpenFile, "write", full)
    for attempt in ("overwrite", "create"):
        with pytest.raises(errors.QuotaExceeded):
            fs.pipe_file(f"{folder}/{'a' if attempt == 'overwrite' else 'new'}", b"new", mode=attempt)
    assert names(fs, folder) == ["a"]
    assert fs.cat(f"{folder}/a") == b"old"


def test_a_server_that_hangs_is_given_up_after_five_seconds(fs, folder, server):
    fs.pipe_file(f"{folder}/a", b"1" * 1000)
    for attempt in (lambda: fs.cat(f"{folder}/a"), lambda: fs.info(f"{folder}/a")):
        server.signal(signal.SIGSTOP)
        started = time.monotonic()
        try:
            with pytest.raises(ConnectionError):
                attempt()
        finally:
            took = time.monotonic() - started
            server.signal(signal.SIGCONT)
        assert took < 5.5, took
        until_back(fs, f"{folder}/a")


def test_a_server_that_is_gone_is_told_in_words_and_found_again(fs, folder, server):
    fs.pipe_file(f"{folder}/a", b"1")
    server.stop()
    started = time.monotonic()
    with pytest.raises(errors.Unavailable, match="cannot be reached"):
        fs.info(f"{folder}/a")
    assert time.monotonic() - started < 8
    server.start()
    until_back(fs, f"{folder}/a")


def test_without_the_library_it_says_what_to_install():
    code = "import sys; sys.modules['XRootD'] = None; import fsspec; fsspec.filesystem('root', hostid='a')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "pip install 'cygnet-fs-bridge[xrootd]'" in run.stderr
