"""`uproot.open` in one line for every kind of address, moving only the bytes of what is read."""

import os
import re

import fsspec
import numpy
import pytest
import uproot
from fsspec.asyn import sync

from cygnet_fs_bridge.web import HTTPFileSystem
from cygnet_fs_bridge.xrootd.client import OpenFile
from tests.fs_bridge.gate import gate
from tests.fs_bridge.stores import http_server, s3_bucket
from tests.xrootd_server import xrootd_servers

BRANCHES, ENTRIES = 60, 60_000


@pytest.fixture(scope="module")
def root_file(tmp_path_factory):
    """A file of 60 branches of random numbers, about 29 MB."""
    path = tmp_path_factory.mktemp("root") / "events.root"
    random = numpy.random.default_rng(1)
    with uproot.recreate(path) as file:
        tree = file.mktree("events", {f"b{number}": "f8" for number in range(BRANCHES)})
        for _ in range(3):
            tree.extend({f"b{number}": random.random(ENTRIES // 3) for number in range(BRANCHES)})
    assert path.stat().st_size > 25_000_000
    return path


def four_branches(address, way, size, **options):
    """Read 4 of the 60 branches, and once more by somebody who has forgotten all.

    What travels is counted on the wire, both ways, with all that is said besides.
    """
    for least, most in ((0.06 * size, 0.15 * size), (0, 0.02 * size)):
        before = way.carried
        with uproot.open(address, **options) as file:
            arrays = file["events"].arrays(["b3", "b17", "b31", "b58"], library="np")
            assert all(len(values) == ENTRIES for values in arrays.values())
            assert file.file.source.num_requested_bytes < 0.15 * size
        assert least <= way.carried - before < most, (address, way.carried - before, size)
        for kind in ("http", "https", "s3", "root", "fixed", "cygnet"):
            fsspec.get_filesystem_class(kind).clear_instance_cache()


@pytest.fixture(autouse=True)
def forgetful(tmp_path, monkeypatch):
    """Nothing is kept of what an earlier test has read."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_cygnet(server, fs, root_file, tmp_path, monkeypatch):
    fs.put(str(root_file), "/events.root")
    (tmp_path / "token").write_text(server.app_password("ada"))
    monkeypatch.setenv("CYGNET_TOKEN_FILE", str(tmp_path / "token"))
    with gate(server.url) as way:
        monkeypatch.setenv("CYGNET_URL", way.url + "/")
        four_branches("cygnet://events.root", way, root_file.stat().st_size)


def test_public_link(server, fs, root_file, monkeypatch):
    fs.put(str(root_file), "/linked.root")
    share = sync(fs.loop, fs.api.create_share, {"path": "/linked.root", "kind": "link", "role": "viewer"})
    token = re.search(r"/s/([^/?]+)", share.url)[1]
    for address in (f"s/{token}", f"s/{token}/download", f"api/v1/public/{token}/content"):
        one, several = (calls(monkeypatch, HTTPFileSystem, name) for name in ("_version_bytes", "_at_once"))
        with gate(server.url) as way:
            four_branches(f"{way.url}/{address}", way, root_file.stat().st_size)
        assert len(several) == 1 and len(one) < 6  # of which the twelve baskets are not one request each


def test_http_where_nothing_tells_versions_apart(root_file):
    with http_server(root_file.parent) as url, gate(url) as way:
        with uproot.open(f"{way.url}/events.root") as file:
            assert len(file["events"].arrays(["b3", "b17", "b31", "b58"])) == ENTRIES
        assert way.carried < 0.15 * root_file.stat().st_size


@pytest.mark.needs("xrootd")
def test_xrootd_and_fixed(root_file, tmp_path, monkeypatch):
    monkeypatch.setenv("CYGNET_FIXED_TABLES", str(tmp_path))
    with xrootd_servers() as (server,), gate(server.url) as way:
        through = f"root://127.0.0.1:{way.port}//data"
        (tmp_path / "rootfiles.toml").write_text(f'[[epoch]]\n[epoch.nodes]\none = "{through}"\n')
        fsspec.filesystem("root", hostid=server.hostid).put(str(root_file), "/data/2026/11/x.root")
        for number, address in enumerate((through, "fixed://rootfiles")):
            monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"cache{number}"))
            vectors = calls(monkeypatch, OpenFile, "read_vector")
            four_branches(f"{address}/2026/11/x.root", way, root_file.stat().st_size)
            assert 0 < len(vectors) < 10


def calls(monkeypatch, cls, name):
    """Note each call of a method."""
    noted, call = [], getattr(cls, name)

    async def noting(self, *arguments):
        noted.append(arguments)
        return await call(self, *arguments)

    monkeypatch.setattr(cls, name, noting)
    return noted


def test_s3(root_file, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with s3_bucket() as bucket, gate(bucket.endpoint) as way:
        bucket.client.upload_file(os.fspath(root_file), "data", "x.root")
        monkeypatch.setenv("AWS_ENDPOINT_URL", way.url)
        four_branches("s3://data/x.root", way, root_file.stat().st_size)
