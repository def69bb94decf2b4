"""The ranges kept on this machine: right, bounded, and shared by programs."""

import os
import subprocess
import sys

import fsspec
import numpy
import pytest
import uproot

from cygnet_fs_bridge import rangecache
from cygnet_fs_bridge.rangecache import RangeCache
from tests.fs_bridge.gate import gate
from tests.xrootd_server import xrootd_servers

BRANCHES = 60
LOOK = """
import sys, uproot
with uproot.open("cygnet://shared.root") as file:
    arrays = file["events"].arrays(["b3", "b17", "b31", "b58"], library="np")
    print(sum(float(values.sum()) for values in arrays.values()))
"""


def test_what_was_written_is_read_also_in_part(tmp_path):
    cache = RangeCache(tmp_path / "ranges", 1 << 20)
    assert cache.read("a", "1", [(0, 3)]) == [None]
    assert not cache.knows("a")
    cache.write("a", "1", [(1000, b"0123456789"), (5_000_000_000, b"far")])
    wanted = [(1000, 1010), (1002, 1005), (999, 1001), (5_000_000_001, 5_000_000_003)]
    assert RangeCache(tmp_path / "ranges", 1 << 20).read("a", "1", wanted) == [
        b"0123456789",
        b"234",
        None,
        b"ar",
    ]
    assert cache.read("a", "2", [(1000, 1010)]) == [None]
    assert (cache.knows("a"), cache.knows("b")) == (True, False)


def test_what_is_damaged_is_not_believed(tmp_path):
    cache = RangeCache(tmp_path, 1 << 20)
    cache.write("a", "1", [(0, b"0123456789"), (100, b"good")])
    [data], [log] = tmp_path.glob("*.data"), tmp_path.glob("*.log")
    with data.open("r+b") as file:
        file.write(b"XX")
    assert cache.read("a", "1", [(0, 10), (100, 104)]) == [None, b"good"]
    with log.open("ab") as file:
        file.write(b"cut")  # a record that was not wholly written
    assert cache.read("a", "1", [(100, 104)]) == [b"good"]
    data.unlink()
    assert cache.read("a", "1", [(100, 104)]) == [None]


def test_what_was_not_read_for_longest_goes_first(tmp_path, monkeypatch):
    monkeypatch.setattr(rangecache, "_CHECK_EVERY", 0.0)
    cache = RangeCache(tmp_path, 3 << 20)
    for number in range(6):
        cache.write("a", f"v{number}", [(0, os.urandom(1 << 20))])
        log = max(tmp_path.glob("*.log"), key=lambda path: path.stat().st_mtime)
        os.utime(log, (number, number))
    assert sum(path.stat().st_size for path in tmp_path.glob("*.data")) <= 4 << 20
    assert cache.read("a", "v0", [(0, 1)]) == [None]
    assert cache.read("a", "v5", [(0, 1)]) != [None]


def test_a_full_disk_is_no_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = RangeCache(tmp_path / "file" / "ranges", 1 << 20)
    cache.write("a", "1", [(0, b"x")])
    assert cache.read("a", "1", [(0, 1)]) == [None]


class Looking:
    """Programs that read 4 of 60 branches of the same file, each by itself, through a gate that counts."""

    def __init__(self, network, environment, size):
        self._network, self._environment, self.size = network, environment, size

    def __call__(self, **more):
        """Return what the program found, and the bytes that travelled for it."""
        before = self._network.carried
        done = subprocess.run(
            [sys.executable, "-c", LOOK],
            env={**os.environ, **self._environment, **more}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return float(done.stdout), self._network.carried - before


def write_events(path, seed):
    random = numpy.random.default_rng(seed)
    with uproot.recreate(path) as file:
        tree = file.mktree("events", {f"b{number}": "f8" for number in range(BRANCHES)})
        for _ in range(3):
            tree.extend({f"b{number}": random.random(5000) for number in range(BRANCHES)})


@pytest.fixture
def look(server, fs, tmp_path):
    source, token = tmp_path / "events.root", tmp_path / "token"
    write_events(source, 4)
    fs.put(str(source), "/shared.root")
    token.write_text(server.app_password("ada"))
    with gate(server.url) as network:
        places = {"CYGNET_URL": network.url + "/", "CYGNET_TOKEN_FILE": str(token)}
        yield Looking(network, {**places, "XDG_CACHE_HOME": str(tmp_path)}, source.stat().st_size)


def test_a_second_program_moves_nothing_and_sees_a_new_version(fs, look, tmp_path):
    found, travelled = look()
    assert travelled < 0.15 * look.size
    again, travelled_again = look()
    assert again == found
    assert travelled_again < 20_000, "more than the questions whether the version is still that one"
    assert travelled > 5 * travelled_again
    assert look(CYGNET_RANGE_CACHE_MB="0")[1] > 5 * travelled_again
    write_events(tmp_path / "new.root", 5)
    fs.put(str(tmp_path / "new.root"), "/shared.root")
    assert look()[0] != found


@pytest.mark.needs("xrootd")
def test_xrootd_shares_too(tmp_path, monkeypatch):
    from cygnet_fs_bridge.xrootd.client import OpenFile

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    asked, read = [], OpenFile.read_vector

    async def counting(self, ranges):
        asked.append(ranges)
        return await read(self, ranges)

    monkeypatch.setattr(OpenFile, "read_vector", counting)
    with xrootd_servers(1) as [server]:
        fs = fsspec.filesystem("root", hostid=server.hostid)
        fs.pipe_file("/data/x", bytes(range(256)) * 100)
        wanted = (["/data/x"] * 2, [0, 1000], [10, 1010])
        first = fs.cat_ranges(*wanted)
        assert fs.cat_ranges(*wanted) == first == [bytes(range(10)), (bytes(range(256)) * 5)[1000:1010]]
        assert asked == [[(0, 10), (1000, 1010)]]
        fs.pipe_file("/data/x", bytes(25_600))
        assert fs.cat_ranges(*wanted) == [bytes(10), bytes(10)]
