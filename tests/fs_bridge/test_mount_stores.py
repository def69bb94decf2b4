"""`cygnet mount URL DIR` on other stores than the service: S3, XRootD, HTTP, a folder of this machine."""

import base64
import errno
import json
import os
import shutil
import subprocess
import sys

import pytest

from cygnet_fs_bridge.mount.foreign import as_service_error
from tests.fs_bridge.mounted import ending, start_address
from tests.fs_bridge.stores import http_server, s3_bucket
from tests.xrootd_server import xrootd_servers

pytestmark = pytest.mark.needs("fuse")


@pytest.fixture(scope="module")
def bucket():
    with s3_bucket() as running:
        yield running


def store_options(bucket, folder):
    file = folder / "options.json"
    file.write_text(json.dumps(bucket.options))
    return "--options", str(file)


@pytest.fixture(
    scope="module", params=["file", "s3", "webdav", pytest.param("root", marks=pytest.mark.needs("xrootd"))]
)
def mount(request, tmp_path_factory):
    """A store of each kind, mounted."""
    base = tmp_path_factory.mktemp(f"mount-{request.param}")
    if request.param == "file":
        (base / "there").mkdir()
        with ending(start_address(f"file://{base}/there", base)) as running:
            yield running
    elif request.param == "s3":
        options = store_options(request.getfixturevalue("bucket"), base)
        with ending(start_address("s3://data/below", base, *options)) as running:
            yield running
    elif request.param == "webdav":
        server = request.getfixturevalue("server")
        pair = base64.b64encode(f"ada:{server.app_password('ada')}".encode()).decode()
        options = {
            "base_url": f"{server.url}/remote.php/dav/files/ada/",
            "headers": {"Authorization": f"Basic {pair}"},
        }
        (base / "options.json").write_text(json.dumps(options))
        with ending(start_address("webdav://", base, "--options", str(base / "options.json"))) as running:
            yield running
    else:
        with xrootd_servers(1) as [server], ending(start_address(server.url, base)) as running:
            yield running


@pytest.fixture
def folder(mount, request):
    path = mount.files / request.node.name.replace("[", "-").rstrip("]")
    path.mkdir()
    return path


def test_what_is_written_is_read(folder):
    small, large = b"some bytes", os.urandom(20_000_000)
    (folder / "small").write_bytes(small)
    (folder / "large").write_bytes(large)
    assert (folder / "small").read_bytes() == small
    assert (folder / "large").read_bytes() == large
    assert (folder / "large").stat().st_size == len(large)
    assert sorted(os.listdir(folder)) == ["large", "small"]


def test_a_file_is_changed_in_place(folder):
    (folder / "log").write_text("one\n")
    with (folder / "log").open("a") as log:
        log.write("two\n")
    with (folder / "log").open("r+") as log:
        log.seek(0)
        log.write("ONE")
    assert (folder / "log").read_text() == "ONE\ntwo\n"
    os.truncate(folder / "log", 3)
    assert (folder / "log").read_text() == "ONE"


def test_names_are_changed(folder):
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_text("contents")
    (folder / "a").rename(folder / "c")
    assert (folder / "c" / "b" / "file").read_text() == "contents"
    assert os.listdir(folder) == ["c"]
    (folder / "other").write_text("other")
    (folder / "other").replace(folder / "c" / "b" / "file")
    assert (folder / "c" / "b" / "file").read_text() == "other"
    assert os.listdir(folder) == ["c"]


def test_errors_are_those_of_the_kernel(folder):
    with pytest.raises(FileNotFoundError):
        (folder / "nothing").read_bytes()
    (folder / "full").mkdir()
    (folder / "full" / "file").write_text("x")
    with pytest.raises(FileExistsError):
        (folder / "full").mkdir()
    with pytest.raises(FileExistsError):
        (folder / "full" / "file").open("x")
    with pytest.raises(OSError) as refused:
        (folder / "full").rmdir()
    assert refused.value.errno == errno.ENOTEMPTY
    with pytest.raises(IsADirectoryError):
        (folder / "full").open("wb")
    with pytest.raises(PermissionError):
        os.symlink("full", folder / "link")


def test_a_tree_comes_and_goes(folder, tmp_path):
    source = tmp_path / "tree"
    for name in ("x/y/1", "x/2", "ä ö/3 4"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    subprocess.run(["cp", "-r", str(source), str(folder)], check=True, timeout=60)
    assert subprocess.run(["diff", "-r", str(source), str(folder / "tree")], timeout=60).returncode == 0
    shutil.rmtree(folder / "tree")
    assert os.listdir(folder) == []
    folder.rmdir()
    assert not folder.exists()


def test_the_store_has_what_was_closed(bucket, tmp_path):
    with ending(start_address("s3://data", tmp_path, *store_options(bucket, tmp_path))) as mount:
        (mount.files / "closed").write_bytes(b"closed")
        assert bucket.client.get_object(Bucket="data", Key="closed")["Body"].read() == b"closed"


def test_what_others_change_shows(bucket, tmp_path):
    bucket.client.put_object(Bucket="data", Key="others/file", Body=b"before")
    with ending(start_address("s3://data/others", tmp_path, *store_options(bucket, tmp_path))) as mount:
        assert (mount.files / "file").read_bytes() == b"before"
        bucket.client.put_object(Bucket="data", Key="others/file", Body=b"afterwards")
        bucket.client.put_object(Bucket="data", Key="others/more", Body=b"")
        assert until(lambda: (mount.files / "file").read_bytes() == b"afterwards")
        assert until(lambda: sorted(os.listdir(mount.files)) == ["file", "more"])


def test_nobody_is_written_over(bucket, tmp_path):
    bucket.client.put_object(Bucket="data", Key="shared/file", Body=b"before")
    with ending(start_address("s3://data/shared", tmp_path, *store_options(bucket, tmp_path))) as mount:
        file = (mount.files / "file").open("r+b")
        file.write(b"ours")
        file.flush()
        bucket.client.put_object(Bucket="data", Key="shared/file", Body=b"theirs")
        with pytest.raises(OSError) as told:
            file.close()
        assert told.value.errno == errno.ESTALE
        assert bucket.client.get_object(Bucket="data", Key="shared/file")["Body"].read() == b"theirs"
        copies = [name for name in os.listdir(mount.files) if "conflicted copy" in name]
        assert (mount.files / copies[0]).read_bytes() == b"oursre"


def test_read_only(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("x")
    with ending(start_address(f"file://{tmp_path}/there", tmp_path, "--read-only")) as mount:
        assert (mount.files / "file").read_text() == "x"
        for change in (
            lambda: (mount.files / "file").write_text("y"),
            lambda: (mount.files / "new").write_text("y"),
            lambda: (mount.files / "folder").mkdir(),
            lambda: (mount.files / "file").unlink(),
        ):
            with pytest.raises(PermissionError):
                change()
        assert os.listdir(tmp_path / "there") == ["file"]


def test_http(tmp_path):
    there = tmp_path / "there"
    contents = os.urandom(3_000_000)
    (there / "a folder" / "deeper").mkdir(parents=True)
    (there / "a folder" / "deeper" / "100% data").write_bytes(contents)
    (there / "readme").write_text("hello")
    with http_server(there) as address, ending(start_address(address, tmp_path)) as mount:
        assert sorted(os.listdir(mount.files)) == ["a folder", "readme"]
        assert (mount.files / "readme").read_text() == "hello"
        file = mount.files / "a folder" / "deeper" / "100% data"
        assert file.stat().st_size == len(contents)
        assert file.read_bytes() == contents
        with file.open("rb") as part:
            part.seek(2_000_000)
            assert part.read(1000) == contents[2_000_000:2_001_000]
        with pytest.raises(PermissionError):
            (mount.files / "new").write_text("x")
        with pytest.raises(FileNotFoundError):
            (mount.files / "nothing").read_text()


@pytest.mark.needs("xrootd")
def test_fixed(tmp_path):
    with xrootd_servers(2) as servers:
        nodes = "\n".join(f'n{number} = "{server.url}"' for number, server in enumerate(servers))
        table = tmp_path / "lab.toml"
        table.write_text(f"[[epoch]]\nreplicas = 2\n[epoch.nodes]\n{nodes}\n")
        (tmp_path / "options.json").write_text(json.dumps({"table": str(table)}))
        options = ("--options", str(tmp_path / "options.json"))
        with ending(start_address("fixed://lab", tmp_path, *options)) as mount:
            (mount.files / "2026-11").mkdir()
            (mount.files / "2026-11" / "run").write_bytes(b"events")
            assert (mount.files / "2026-11" / "run").read_bytes() == b"events"
        assert all((server.data / "2026-11" / "run").read_bytes() == b"events" for server in servers)


def test_a_store_that_goes_away(tmp_path):
    with s3_bucket() as bucket:
        bucket.client.put_object(Bucket="data", Key="file", Body=b"before")
        options = (*store_options(bucket, tmp_path), "--patience", "1")
        with ending(start_address("s3://data", tmp_path, *options)) as mount:
            assert (mount.files / "file").read_bytes() == b"before"
            bucket.stop()
            with pytest.raises(OSError) as told:
                (mount.files / "new").write_bytes(b"new")
            assert told.value.errno == errno.EIO


def refused(*arguments):
    command = [sys.executable, "-m", "cygnet_fs_bridge.cli", "mount", *arguments, "--foreground"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode
    return done.stderr


def test_what_cannot_be_mounted_is_told(tmp_path):
    assert "memory:// is empty in every process" in refused("memory://x", str(tmp_path))
    assert "nosuchkind://x cannot be mounted" in refused("nosuchkind://x", str(tmp_path))
    away = '{"key": "k", "secret": "s", "endpoint_url": "http://127.0.0.1:9"}'
    (tmp_path / "away.json").write_text(away)
    told = refused("s3://data", str(tmp_path), "--options", str(tmp_path / "away.json"), "--patience", "1")
    assert "The store does not answer" in told
    assert "is not the address of a store" in refused("folder", str(tmp_path))
    assert "cannot be used" in refused("s3://data", str(tmp_path), "--options", str(tmp_path / "none"))
    assert "for other stores" in refused("cygnet://", str(tmp_path), "--read-only")


def test_foreign_errors():
    assert as_service_error(OSError(errno.ENOSPC, "full"), "/x").errno == errno.EDQUOT
    assert as_service_error(NotImplementedError(), "/x").errno == errno.EOPNOTSUPP
    assert as_service_error(TimeoutError(), "/x").errno == errno.EIO
    assert as_service_error(ValueError("odd"), "/x").errno == errno.EIO


def until(condition, limit=60):
    import time

    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return True
