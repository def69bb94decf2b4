"""`cygnet fixed`: what is wrong is found and put right, also after being interrupted."""

import json
import signal
import subprocess
import sys

import fsspec
import pytest
from click.testing import CliRunner
from fsspec.asyn import sync

from cygnet_fs_bridge.cli import main
from cygnet_fs_bridge.cli.common import human
from cygnet_fs_bridge.cli.fixed import Progress
from cygnet_fs_bridge.fixed.maintenance import Maintenance
from tests.xrootd_server import xrootd_servers

from .stores import folders, holders, table

PATHS = [f"/{folder}/{number}" for folder in ("a", "a/deep", "b", "c") for number in range(5)]


@pytest.fixture
def fs(tmp_path, monkeypatch):
    monkeypatch.setenv("CYGNET_FIXED_TABLES", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "lab.toml").write_text(table(folders(tmp_path, "abc"), replicas=2))
    fsspec.get_filesystem_class("fixed").clear_instance_cache()
    fs = fsspec.filesystem("fixed", name="lab")
    for path in PATHS:
        fs.pipe_file(path, path.encode() * 10)
    return fs


def cygnet(*arguments):
    return CliRunner().invoke(main, ["fixed", *arguments])


def where(fs, path):
    return {node.place.name for node in fs.owners(path)}


def test_all_is_well(fs):
    run = cygnet("check", "fixed://lab/")
    assert (run.exit_code, run.stdout) == (0, "")
    assert "20 files" in run.stderr


def test_missing_and_damaged_replicas_are_found_and_mended(fs, tmp_path):
    (tmp_path / "lab.toml").write_text(table(folders(tmp_path, "abc"), replicas=3))
    (tmp_path / "a" / "b" / "1").write_text("short")
    run = cygnet("check", "fixed://lab/", "--json")
    assert run.exit_code == 1
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert len([one for one in found if one["kind"] == "missing"]) >= 19
    cygnet("repair", "fixed://lab/")
    assert all(holders(tmp_path, path, "abc") == {"a", "b", "c"} for path in PATHS if path != "/b/1")


def test_same_size_is_told_apart_by_contents(fs, tmp_path):
    (tmp_path / "lab.toml").write_text(table(folders(tmp_path, "abc"), replicas=3))
    assert cygnet("repair", "fixed://lab/").exit_code == 0
    (tmp_path / "b" / "c" / "2").write_bytes(b"X" * len(b"/c/2" * 10))
    assert cygnet("check", "fixed://lab/").exit_code == 0
    run = cygnet("repair", "fixed://lab/c", "--contents")
    assert run.stdout == "/c/2 has another version at b (mended)\n"
    assert (tmp_path / "b" / "c" / "2").read_bytes() == b"/c/2" * 10


def test_what_cannot_be_decided_is_left_alone(fs, tmp_path):
    one, other = sorted(where(fs, "/b/3"))
    (tmp_path / one / "b" / "3").write_text("short")
    run = cygnet("repair", "fixed://lab/")
    assert run.exit_code == 1
    assert run.stdout == f"/b/3 has different versions, and none is more frequent, at {one}, {other}\n"
    assert (tmp_path / one / "b" / "3").read_text() == "short"


def test_a_grown_cluster_is_rebalanced(fs, tmp_path):
    (tmp_path / "lab.toml").write_text(table(folders(tmp_path, "abcd"), replicas=2))
    assert cygnet("rebalance", "fixed://lab/").exit_code == 0
    assert all(holders(tmp_path, path, "abcd") == where(fs, path) for path in PATHS)
    assert all(fs.cat(path) == path.encode() * 10 for path in PATHS)
    assert cygnet("check", "fixed://lab/").stdout == ""


def test_growing_moves_only_its_share(fs, tmp_path):
    paths = [f"/many/{number}" for number in range(200)]
    for path in paths:
        fs.pipe_file(path, b"x" * 100)
    before = replicas(tmp_path)
    (tmp_path / "lab.toml").write_text(table(folders(tmp_path, "abcd"), replicas=2))
    run = cygnet("rebalance", "fixed://lab/many", "--json")
    assert run.exit_code == 0
    after = replicas(tmp_path)
    assert len(after) == len(before)
    came, went, stayed = (
        after.keys() - before.keys(),
        before.keys() - after.keys(),
        after.keys() & before.keys(),
    )
    # A quarter of all replicas, as many as the fourth node holds now: each is written once, and to it alone.
    assert {node for node, _ in came} == {"d"} and len(came) == len(went)
    assert 0.18 < len(came) / len(before) < 0.32
    assert f"{human(len(came) * 100)} copied" in run.stderr
    assert all(after[one] == before[one] for one in stayed)


def replicas(base):
    """Each replica of the files in `many`: node and name, and what changes when it is written again."""
    found = [(node, file) for node in "abcd" for file in base.glob(f"{node}/many/*")]
    return {(node, file.name): (file.stat().st_ino, file.stat().st_mtime_ns) for node, file in found}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_walk_that_is_interrupted_goes_on(fs, tmp_path, number):
    for folder in range(40):
        fs.pipe({f"/many/{folder:02}/{file}": b"x" for file in range(5)})
    (tmp_path / "lab.toml").write_text(table(folders(tmp_path, "abcd"), replicas=2))
    command = [sys.executable, "-m", "cygnet_fs_bridge.cli", "fixed", "rebalance", "fixed://lab/many"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as walk:
        seen = [walk.stderr.readline() for _ in range(5)]
        walk.send_signal(number)
    assert walk.returncode != 0
    assert seen[4].startswith("/many/03: 20 files")
    run = cygnet("rebalance", "fixed://lab/many")
    assert run.exit_code == 0
    assert "Going on after /many/" in run.stderr and "/many/02:" not in run.stderr
    for folder in range(40):
        for path in (f"/many/{folder:02}/{file}" for file in range(5)):
            assert holders(tmp_path, path, "abcd") == where(fs, path)
            assert fs.cat(path) == b"x"


def test_a_walk_goes_on_where_it_was_stopped(fs, tmp_path):
    (tmp_path / "lab.toml").write_text(table(folders(tmp_path, "abcd"), replicas=2))
    walk = Maintenance(fs, "rebalance").run()
    seen = [sync(fs.loop, anext, walk).folder for _ in range(3)]
    assert seen == ["/", "/a", "/a/deep"]
    Progress("rebalance", "fixed://lab/").save(seen[-1])
    run = cygnet("rebalance", "fixed://lab/")
    assert "Going on after /a/deep" in run.stderr
    assert "/a:" not in run.stderr and "10 files" in run.stderr
    assert all(holders(tmp_path, path, "abcd") == where(fs, path) for path in PATHS)
    assert "Going on" not in cygnet("rebalance", "fixed://lab/").stderr


def test_a_store_that_is_away_is_told_and_nothing_is_deleted(fs, tmp_path):
    nodes = folders(tmp_path, "abc") | {"d": "root://127.0.0.9:1//data"}
    (tmp_path / "lab.toml").write_text(table(nodes, replicas=2))
    run = cygnet("rebalance", "fixed://lab/c")
    assert run.exit_code == 1
    assert "/c could not be listed at d" in run.stdout
    assert all(fs.cat(path) == path.encode() * 10 for path in PATHS if path.startswith("/c"))


def test_what_is_not_an_address_or_not_there_is_told_in_words(fs):
    assert "is not an address such as" in cygnet("check", "cygnet://a").stderr
    assert "no such file" in cygnet("metalink", "fixed://lab/no").stderr


@pytest.mark.needs("xrootd", "xrdcp")
def test_xrdcp_takes_the_replica_that_answers(tmp_path, monkeypatch):
    monkeypatch.setenv("CYGNET_FIXED_TABLES", str(tmp_path))
    with xrootd_servers(3) as servers:
        nodes = {f"n{number}": server.url for number, server in enumerate(servers)}
        (tmp_path / "lab.toml").write_text(table(nodes, replicas=2))
        fsspec.get_filesystem_class("fixed").clear_instance_cache()
        fs = fsspec.filesystem("fixed", name="lab")
        fs.pipe_file("/2026/11/x", b"hello" * 1000)
        run = cygnet("metalink", "fixed://lab/2026/11/x", "--checksum", "-o", f"{tmp_path}/x.meta4")
        assert run.exit_code == 0, run.stderr
        servers[int(fs.owners("/2026/11/x")[0].place.name[1])].stop()
        command = ["xrdcp", "--silent", "--cksum", "adler32:source", f"{tmp_path}/x.meta4", f"{tmp_path}/out"]
        subprocess.run(command, check=True, timeout=60, env={"XRD_CONNECTIONRETRY": "1", "PATH": "/usr/bin"})
    assert (tmp_path / "out").read_bytes() == b"hello" * 1000
