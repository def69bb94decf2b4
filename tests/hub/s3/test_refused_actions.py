"""What cannot be done is refused in every way of doing it by S3, and changes nothing.

That may be for want of room, for a lock, for a share that is for reading, or for a disk that fails.
"""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cygnet_hub.services.sync.service.fsck import check
from tests.hub.s3.conftest import client
from tests.hub.s3.keys import make_key
from tests.hub.sync.api import Api
from tests.hub.sync.dav import Dav, set_quota
from tests.sync_server import SyncServer, sync_server

LOCK = (
    '<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope>'
    "<d:locktype><d:write/></d:locktype></d:lockinfo>"
)
MIB = 1 << 20


class Place:
    """A folder that a client of S3 sees: with a file `small` and a file `other`.

    Args:
        prefix: of its keys.
    """

    def __init__(self, s3: Any, bucket: str, prefix: str) -> None:
        self.s3, self.bucket, self.prefix = s3, bucket, prefix

    def __call__(self, method: str, name: str, **more: Any) -> Any:
        return getattr(self.s3, method)(Bucket=self.bucket, Key=self.prefix + name, **more)

    def source(self, name: str) -> str:
        """Where to copy from."""
        return f"{self.bucket}/{self.prefix}{name}"

    def in_parts(self, name: str, *bodies: bytes) -> None:
        """An upload in parts; what is left of one that fails is given up."""
        upload = self("create_multipart_upload", name)["UploadId"]
        try:
            parts = [
                {
                    "PartNumber": n,
                    "ETag": self("upload_part", name, UploadId=upload, PartNumber=n, Body=body)["ETag"],
                }
                for n, body in enumerate(bodies, 1)
            ]
            self("complete_multipart_upload", name, UploadId=upload, MultipartUpload={"Parts": parts})
        except ClientError:
            self("abort_multipart_upload", name, UploadId=upload)
            raise

    def part_by_copy(self, name: str) -> None:
        """A part that is copied."""
        upload = self("create_multipart_upload", name)["UploadId"]
        try:
            self("upload_part_copy", name, UploadId=upload, PartNumber=1, CopySource=self.source("small"))
        finally:
            self("abort_multipart_upload", name, UploadId=upload)


Way = Callable[[Place], Any]

#: Ways that need room: 500 bytes of 1,000 are taken by `small`.
GROWING: dict[str, Way] = {
    "a new object": lambda place: place("put_object", "new", Body=bytes(600)),
    "an object instead of another": lambda place: place("put_object", "small", Body=bytes(1100)),
    "an upload in parts": lambda place: place.in_parts("new", bytes(600)),
    "a copy": lambda place: (
        place("put_object", "rest", Body=bytes(300)),
        place("copy_object", "copy", CopySource=place.source("small")),
    ),
    "a part that is copied": lambda place: (
        place("put_object", "rest", Body=bytes(300)),
        place.part_by_copy("new"),
    ),
    "a folder": lambda place: (
        place("put_object", "rest", Body=bytes(500)),
        place("put_object", "d/", Body=b""),
    ),
    "folders on the way": lambda place: (
        place("put_object", "rest", Body=bytes(500)),
        place("put_object", "a/b/c", Body=b""),
    ),
}
#: Ways that change what is there.
CHANGING: dict[str, Way] = {
    "a new object": lambda place: place("put_object", "new", Body=b"new"),
    "an object instead of another": lambda place: place("put_object", "small", Body=b"new"),
    "an upload in parts": lambda place: place.in_parts("small", b"new"),
    "a copy": lambda place: place("copy_object", "new", CopySource=place.source("small")),
    "a copy onto another": lambda place: place("copy_object", "other", CopySource=place.source("small")),
    "a copy onto itself": lambda place: place(
        "copy_object",
        "small",
        CopySource=place.source("small"),
        MetadataDirective="REPLACE",
        Metadata={"a": "b"},
    ),
    "a folder": lambda place: place("put_object", "d/", Body=b""),
    "folders on the way": lambda place: place("put_object", "a/b/c", Body=b""),
    "deleting": lambda place: place("delete_object", "small"),
    "deleting a folder": lambda place: place("delete_object", "empty/"),
    "keeping a folder": lambda place: place("put_object", "implied/", Body=b""),
    "tags": lambda place: place(
        "put_object_tagging", "small", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}
    ),
}


def status(run: Callable[[], Any]) -> int:
    """The status with which something is refused."""
    with pytest.raises(ClientError) as caught:
        run()
    return int(caught.value.response["ResponseMetadata"]["HTTPStatusCode"])


def clean(server: SyncServer) -> bool:
    return check(server.services.database, server.services.disk.contents).clean


@pytest.fixture
def bob(server: SyncServer) -> Iterator[Place]:
    """Bob's files, with 500 bytes of 1,000 free."""
    s3 = client(server, make_key(server, "bob"))
    dav = Dav(server, "bob")
    for name in dav.list("/"):
        assert name == "/" or dav("DELETE", name).status == 204
    dav.put("/small", bytes(500))
    set_quota(server, "bob", 1000)
    yield Place(s3, "home", "")
    set_quota(server, "bob", None)
    s3.close()


@pytest.mark.parametrize("way", GROWING)
def test_a_full_space_takes_nothing(server: SyncServer, bob: Place, way: str) -> None:
    assert status(lambda: GROWING[way](bob)) == 507
    kept = {"/", "/small", "/rest"} if way not in ("a new object", "an upload in parts") else {"/", "/small"}
    assert set(Dav(server, "bob").list("/")) <= kept
    assert len(Dav(server, "bob").get("/small")) == 500
    assert clean(server)


class Shared:
    """A folder of the teacher's, and the student's view of it."""

    def __init__(self, server: SyncServer) -> None:
        self.teacher, self.dav = Api(server, "teacher"), Dav(server, "teacher")
        for folder in ("/shared", "/shared/empty", "/shared/implied"):
            assert self.dav("MKCOL", folder).status == 201
        for name in ("small", "other", "implied/x"):
            assert self.dav.put(f"/shared/{name}", b"as it was").status == 201
        self.id = self.teacher.share("/shared", "student", role="editor")["id"]
        student = Api(server, "student")
        student("POST", f"shares/{self.id}/accept")
        self.s3 = client(server, make_key(server, "student"))
        self.place = Place(self.s3, "shares", "shared/")

    def state(self) -> tuple[Any, ...]:
        """What must not change."""
        trash = Dav(self.dav.server, "teacher", "/remote.php/dav/trash-bin/teacher").list("/")
        names = ("/shared", "/shared/empty", "/shared/implied")
        return [self.dav.list(name) for name in names], sorted(trash)


@pytest.fixture(scope="module")
def shared(server: SyncServer) -> Iterator[Shared]:
    made = Shared(server)
    yield made
    made.s3.close()


@pytest.mark.parametrize("way", CHANGING)
def test_a_viewer_changes_nothing(shared: Shared, way: str) -> None:
    shared.teacher("PATCH", f"shares/{shared.id}", {"role": "viewer"})
    before = shared.state()
    try:
        assert status(lambda: CHANGING[way](shared.place)) == 403
    finally:
        shared.teacher("PATCH", f"shares/{shared.id}", {"role": "editor"})
    assert shared.state() == before


#: What is said of an object or folder is not in it, and locks are about what is in it.
UNLOCKED = {"tags", "keeping a folder"}


@pytest.mark.parametrize("way", [way for way in CHANGING if way not in UNLOCKED])
def test_what_is_locked_is_not_changed(shared: Shared, way: str) -> None:
    made = shared.dav("LOCK", "/shared", LOCK, Depth="infinity")
    before = shared.state()
    try:
        assert status(lambda: CHANGING[way](shared.place)) == 423
        assert shared.state() == before
    finally:
        assert shared.dav("UNLOCK", "/shared", Lock_Token=made.headers["Lock-Token"]).status == 204


WITH_BODIES = ("an object instead of another", "an upload in parts")


@pytest.mark.parametrize("way", WITH_BODIES)
def test_a_disk_that_fails_is_an_error_and_not_a_loss(
    server: SyncServer, shared: Shared, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", lambda _: (_ for _ in ()).throw(OSError(errno.EIO, "broken")))
        assert status(lambda: CHANGING[way](shared.place)) == 500
    assert shared.dav.get("/shared/small") == b"as it was"
    assert clean(server)


@pytest.mark.needs("root", "mount")
def test_a_full_disk_takes_nothing_and_service_goes_on(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)], check=True, timeout=10)
    try:
        with sync_server(disk) as server:
            s3 = client(server, make_key(server, "ada"))
            place = Place(s3, "home", "")
            place("put_object", "small", Body=b"as it was")
            large = bytes(20 * MIB)
            assert status(lambda: place("put_object", "small", Body=large)) == 507
            assert status(lambda: place.in_parts("small", large)) == 507
            assert place("get_object", "small")["Body"].read() == b"as it was"
            assert not list(disk.rglob("*.part"))
            place("put_object", "small", Body=bytes(2 * MIB))
            assert clean(server)
            s3.close()
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=10)
