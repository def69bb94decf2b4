"""`root://` behind a real redirector: what all servers have together, and another one when one hangs."""

import time

import pytest

from cygnet_fs_bridge.xrootd.filesystem import XRootDFileSystem
from tests.xrootd_cluster import cluster

pytestmark = pytest.mark.needs("xrootd", "cmsd")

CONTENTS = b"0123456789" * 100_000


@pytest.fixture
def running():
    with cluster() as made:
        for number, folder in enumerate(made.servers.values()):
            data = folder / "root" / "data"
            (data / "both").write_bytes(CONTENTS)
            (data / f"only{number}").write_bytes(b"1")
            (data / f"sub{number}").mkdir()
            (data / f"sub{number}" / "file").write_bytes(b"1")
        yield made


@pytest.fixture
def fs(running):
    found = XRootDFileSystem(hostid=running.hostid, skip_instance_cache=True)
    deadline = time.monotonic() + 60
    while len(names(found)) < 5:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def names(fs):
    try:
        return fs.ls("/data", detail=False)
    except OSError:  # they have not found one another yet
        return []


def test_folders_are_those_of_all_servers(fs):
    assert names(fs) == [f"/data/{name}" for name in ("both", "only0", "only1", "sub0", "sub1")]
    assert fs.ls("/data/sub1", detail=False) == ["/data/sub1/file"]
    assert fs.glob("/data/*/file") == ["/data/sub0/file", "/data/sub1/file"]
    assert fs.cat("/data/only0") + fs.cat("/data/sub1/file") == b"11"
    with pytest.raises(FileNotFoundError):
        fs.ls("/data/nothing")


def test_a_read_goes_on_at_another_server(running, fs):
    with fs.open("/data/both", cache_type="none") as file:
        assert file.read(10) == b"0123456789"
        # One that hangs is no test here: the client leaves out servers by their hosts, and the redirector
        # hears from all of them by one.
        running.kill(next(port for port in running.servers if f":{port}" in served_by(file)))
        assert file.seek(500_005) and file.read(10) == b"5678901234"
    assert fs.cat_file("/data/both", 5, 10) == b"56789"


def served_by(file):
    """Host and port of the server that a file is read from."""
    return file._file._file.get_property("DataServer")
