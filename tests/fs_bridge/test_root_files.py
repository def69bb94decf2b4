"""`uproot.open` in one line for every kind of address, moving only the bytes of what is read."""

import os
import re

import boto3
import fsspec
import numpy
import pytest
import uproot
from moto.server import ThreadedMotoServer

from cygnet_fs_bridge.filesystem import CygnetFileSystem
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


def four_branches(address, **options):
    """Read 4 of the 60 branches; return the part of the file that uproot asked for."""
    with uproot.open(address, **options) as file:
        arrays = file["events"].arrays(["b3", "b17", "b31", "b58"], library="np")
        assert all(len(values) == ENTRIES for values in arrays.values())
        return file.file.source.num_requested_bytes


def moved(pattern, monkeypatch, cls):
    """Count the bytes that a client's method gives, as they travel."""
    counted, call = [], getattr(cls, pattern)

    async def counting(self, *args, **kwargs):
        data = await call(self, *args, **kwargs)
        counted.append(sum(map(len, data)) if isinstance(data, list) else len(data))
        return data

    monkeypatch.setattr(cls, pattern, counting)
    return counted


def test_cygnet(server, fs, root_file, tmp_path, monkeypatch):
    fs.put(str(root_file), "/events.root")
    (tmp_path / "token").write_text(server.app_password("ada"))
    monkeypatch.setenv("CYGNET_URL", server.url + "/")
    monkeypatch.setenv("CYGNET_TOKEN_FILE", str(tmp_path / "token"))
    CygnetFileSystem.clear_instance_cache()
    assert four_branches("cygnet://events.root") < 0.15 * root_file.stat().st_size
    CygnetFileSystem.clear_instance_cache()


def test_public_link(server, fs, root_file):
    from fsspec.asyn import sync

    fs.put(str(root_file), "/linked.root")
    share = sync(fs.loop, fs.api.create_share, {"path": "/linked.root", "kind": "link", "role": "viewer"})
    token = re.search(r"/s/([^/?]+)", share.url)[1]
    for address in (
        f"{server.url}/s/{token}",
        f"{server.url}/s/{token}/download",
        f"{server.url}/api/v1/public/{token}/content",
    ):
        assert four_branches(address) < 0.15 * root_file.stat().st_size


@pytest.mark.needs("xrootd")
def test_xrootd_and_fixed(root_file, tmp_path, monkeypatch):
    from cygnet_fs_bridge.xrootd.client import OpenFile

    monkeypatch.setenv("CYGNET_FIXED_TABLES", str(tmp_path))
    with xrootd_servers(2) as servers:
        nodes = "\n".join(f'n{number} = "{server.url}"' for number, server in enumerate(servers))
        (tmp_path / "rootfiles.toml").write_text(f"[[epoch]]\n[epoch.nodes]\n{nodes}\n")
        fsspec.filesystem("root", hostid=servers[0].hostid).put(str(root_file), "/data/x.root")
        fsspec.filesystem("fixed", name="rootfiles").put(str(root_file), "/2026/11/x.root")
        vectors, single = moved("read_vector", monkeypatch, OpenFile), moved("read", monkeypatch, OpenFile)
        for address in (f"{servers[0].url}/x.root", "fixed://rootfiles/2026/11/x.root"):
            vectors.clear(), single.clear()
            assert four_branches(address) < 0.15 * root_file.stat().st_size
            assert sum(vectors) + sum(single) < 0.15 * root_file.stat().st_size
            assert vectors


def test_s3(root_file, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3 = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    s3.start()
    try:
        endpoint = f"http://127.0.0.1:{s3.get_host_and_port()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        client = boto3.client("s3", endpoint_url=endpoint)
        client.create_bucket(Bucket="data")
        client.upload_file(os.fspath(root_file), "data", "x.root")
        client.close()
        assert four_branches("s3://data/x.root") < 0.15 * root_file.stat().st_size
    finally:
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        s3.stop()
