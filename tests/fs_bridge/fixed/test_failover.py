"""Three real XRootD servers as a cluster: one is killed, or hangs, while files are read."""

import signal
import time

import numpy
import pytest
import uproot
from click.testing import CliRunner

from cygnet_fs_bridge.cli import main
from tests.xrootd_server import xrootd_servers

from .stores import opened, table

pytestmark = pytest.mark.needs("xrootd")


@pytest.fixture
def cluster(tmp_path):
    with xrootd_servers(3) as servers:
        nodes = {f"n{number}": server.url for number, server in enumerate(servers)}
        yield servers, opened(tmp_path / "t.toml", table(nodes, replicas=2))


def worst_wait(fs, paths, seconds, after, event):
    """Read in a loop, `event` happens `after` seconds; return the longest read."""
    started = time.monotonic()
    longest, happened = 0.0, False
    while time.monotonic() - started < seconds:
        if not happened and time.monotonic() - started > after:
            happened = True
            event()
        for path in paths:
            before = time.monotonic()
            assert fs.cat_file(path, 10, 20) == path.encode()[-1:] * 10
            longest = max(longest, time.monotonic() - before)
    return longest


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_one_of_three_nodes_goes_while_files_are_read(cluster, how):
    servers, fs = cluster
    paths = [f"/2026/11/file{number}" for number in range(9)]
    for path in paths:
        fs.pipe_file(path, path.encode()[-1:] * 1000)
    assert all(list(server.data.rglob("file*")) for server in servers)
    longest = worst_wait(fs, paths, 8, 1, lambda: servers[1].signal(how))
    assert longest < 5, longest


def test_a_quorum_is_written_and_the_rest_is_repaired(cluster, tmp_path, monkeypatch):
    servers, _ = cluster
    nodes = {f"n{number}": server.url for number, server in enumerate(servers)}
    fs = opened(tmp_path / "three.toml", table(nodes, replicas=3))

    def holders(name):
        return [number for number, server in enumerate(servers) if list(server.data.rglob(name))]

    servers[1].stop()
    fs.pipe_file("/2026/11/two", b"1")
    assert holders("two") == [0, 2]
    servers[2].stop()
    with pytest.raises(ConnectionError):
        fs.pipe_file("/2026/11/one", b"1")
    assert holders("one") == []
    for server in servers[1:]:
        server.start()
    monkeypatch.setenv("CYGNET_FIXED_TABLES", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    deadline = time.monotonic() + 60
    while CliRunner().invoke(main, ["fixed", "repair", "fixed://three/"]).exit_code != 0:
        assert time.monotonic() < deadline  # the client tries a server again that was away only after a while
        time.sleep(0.5)
    assert holders("two") == [0, 1, 2]
    assert CliRunner().invoke(main, ["fixed", "check", "fixed://three/"]).stdout == ""


def test_uproot_reads_on_when_a_node_hangs(cluster, tmp_path):
    servers, fs = cluster
    with uproot.recreate(tmp_path / "x.root") as file:
        file["t"] = {"a": numpy.arange(100_000), "b": numpy.arange(100_000)}
    fs.put(str(tmp_path / "x.root"), "/2026/11/x.root")
    with uproot.open("fixed://test/2026/11/x.root", table=tmp_path / "t.toml") as file:
        owner = fs.owners("/2026/11/x.root")[0].place.name
        servers[int(owner[1])].signal(signal.SIGSTOP)
        started = time.monotonic()
        assert file["t"]["a"].array(library="np").sum() == numpy.arange(100_000).sum()
        assert time.monotonic() - started < 5
