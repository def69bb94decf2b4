"""Many small files in one request, against the real service."""

import hashlib
import json

import pytest
from fsspec.asyn import sync

from cygnet_fs_bridge import errors
from cygnet_fs_bridge.client.batch import BatchClient, SmallFile, split_batch
from cygnet_fs_bridge.models import Node
from cygnet_fs_bridge.transport import Request


@pytest.fixture
def batch(fs):
    return BatchClient(fs.api.caller)


def test_each_file_is_stored_or_refused_for_itself(fs, folder, batch):
    fs.pipe_file(f"{folder}/there", b"old")
    etag = fs.info(f"{folder}/there")["etag"]
    files = [
        SmallFile(f"{folder}/new", b"1", {"create": True, "mtime": 7.5}),
        SmallFile(f"{folder}/there", b"2", {"create": True}),
        SmallFile(f"{folder}/there", b"", {"if_match": etag}),
        SmallFile(f"{folder}/no/such", b"4", {}),
    ]
    new, taken, emptied, lost = sync(fs.loop, batch.store, files)
    assert isinstance(new, Node) and (new.size, new.mtime) == (1, 7.5)
    assert isinstance(taken, errors.Changed)
    assert isinstance(emptied, Node) and emptied.size == 0
    assert isinstance(lost, errors.ServiceError)
    assert fs.cat_file(f"{folder}/new") == b"1"


def test_files_are_fetched_together_except_large_ones(fs, folder, batch):
    for name, data in (("a b", b"1" * 10), ("ü&", b"2" * 20), ("big", b"3" * 5000)):
        fs.pipe_file(f"{folder}/{name}", data)
    found = sync(fs.loop, batch.fetch, [f"{folder}/{name}" for name in ("a b", "ü&", "big")], 1000)
    assert [(node.name, data) for node, data in found] == [
        ("a b", b"1" * 10),
        ("ü&", b"2" * 20),
        ("big", None),
    ]
    with pytest.raises(FileNotFoundError):
        sync(fs.loop, batch.fetch, [f"{folder}/nothing"], 1000)


@pytest.mark.parametrize(
    "body", [b"", b"{}\n", b"[1]\n", b'{"files": []}\nmore', b'{"files": [{"size": 1}]}\n1']
)
def test_an_answer_that_is_damaged_is_refused(body):
    with pytest.raises(errors.ServiceError):
        split_batch(body)


def test_bytes_that_are_not_what_the_service_has(fs, folder, batch):
    fs.pipe_file(f"{folder}/a", b"1234")
    node = {"id": "1", "name": "a", "path": "/a", "kind": "file", "size": 4, "mtime": 0, "etag": "x"}
    sums = {"SHA1:" + hashlib.sha1(b"1234").hexdigest(): True, "SHA1:" + "0" * 40: False, "MD5:x": True}
    for told, good in sums.items():
        body = json.dumps({"files": [{"node": node, "size": 4, "checksum": told}]}).encode() + b"\n1234"
        if good:
            assert split_batch(body)[0][1] == b"1234"
        else:
            with pytest.raises(errors.ChecksumMismatch):
                split_batch(body)
    answer = requests_of(fs, f"{folder}/a")
    assert answer["files"][0]["checksum"] == "SHA1:" + hashlib.sha1(b"1234").hexdigest()


def requests_of(fs, path):
    """The first line of a batch, as the service sends it."""

    async def ask():
        async with fs.api.caller.open(Request("GET", f"api/v1/batch?path={path}")) as response:
            return await response.read()

    return json.loads(sync(fs.loop, ask).partition(b"\n")[0])
