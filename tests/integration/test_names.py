"""Names with every byte that a name can have, through the clients and back."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.sync.dav import Dav
from tests.integration.desktop import CLIENTS, Laptop
from tests.sync_server import SyncServer, sync_server

#: Every character of ASCII but the slash and NUL that an ordinary file system takes, in a few names,
#: then letters of two, three and four bytes, and the longest name.
PRINTABLE = [chr(code) for code in range(0x20, 0x7F) if chr(code) != "/"]
NAMES = [
    "a" + "".join(PRINTABLE[:32]) + "z",
    "a" + "".join(PRINTABLE[32:64]) + "z",
    "a" + "".join(PRINTABLE[64:]) + "z",
    "%2F %00 %25",
    "ü ñ é 日本語 🦢",
    "-dash",
    "é" * 127,
]
EVERY_BYTE = [f"a{chr(code)}z" for code in range(1, 0x80) if chr(code) != "/"]
CONTROLS = "a" + "".join(chr(code) for code in [*range(1, 0x20), 0x7F]) + "z"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    with sync_server(tmp_path_factory.mktemp("service")) as running:
        yield running


def make(folder: Path, names: list[str]) -> dict[str, bytes]:
    folder.mkdir()
    files = {name: name.encode() for name in names}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return files


def read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_http_takes_every_byte(server: SyncServer) -> None:
    dav = Dav(server, "teacher")
    for name in (*NAMES, CONTROLS):
        assert dav.put(f"/{name}", name).status == 201
        assert dav.get(f"/{name}") == name.encode()
        assert dav("MOVE", f"/{name}", Destination=dav.url("/moved")).status == 201
        assert dav("MOVE", "/moved", Destination=dav.url(f"/{name}")).status == 201
    # XML cannot write control characters; in an address they are encoded.
    assert set(dav.list("/")) == {"/", *(f"/{name}" for name in (*NAMES, CONTROLS))}


@pytest.mark.parametrize("client", CLIENTS)
def test_the_desktop_clients_bring_them_there_and_back(
    server: SyncServer, tmp_path: Path, client: str
) -> None:
    if shutil.which(client) is None:
        pytest.skip(f"{client} is not installed: apt install {client.removesuffix('cmd')}-desktop-cmd")
    dav = Dav(server, {"nextcloudcmd": "student", "owncloudcmd": "bob"}[client])
    laptops = [Laptop(client, tmp_path / name, dav.user, server.app_password(dav.user)) for name in "ab"]
    # While a client fetches a file it adds to its name, for which the longest leaves no room.
    names = [*EVERY_BYTE, *NAMES[:-1], CONTROLS, "é" * 110]
    for name in names:
        (laptops[0].folder / name).write_bytes(name.encode())
    for laptop in laptops:
        laptop.sync(server.url)
    assert set(dav.list("/")) == {"/", *(f"/{name}" for name in names)}
    assert laptops[1].tree() == {name: name.encode() for name in names}


@pytest.mark.needs("rclone")
def test_rclone_takes_a_colon_at_the_top(server: SyncServer, tmp_path: Path) -> None:
    files = make(tmp_path / "there", ["a:z", "1:2:3"])
    run_rclone(server, "other", "copy", str(tmp_path / "there"), "r:")
    assert {f"/{name}" for name in files} <= set(Dav(server, "ada").list("/"))


@pytest.mark.needs("rclone")
@pytest.mark.parametrize("vendor", ["other", "owncloud", "nextcloud"])
def test_rclone_brings_them_there_and_back(server: SyncServer, tmp_path: Path, vendor: str) -> None:
    files = make(tmp_path / "there", NAMES)
    run_rclone(server, vendor, "copy", str(tmp_path / "there"), f"r:{vendor}")
    run_rclone(server, vendor, "copy", f"r:{vendor}", str(tmp_path / "back"))
    assert read(tmp_path / "back") == files
    dav = Dav(server, "ada")
    assert {path.rpartition("/")[2] for path in dav.list(f"/{vendor}")} == {vendor, *files}


def run_rclone(server: SyncServer, vendor: str, *arguments: str) -> None:
    """Run rclone as ada; the remote is called `r:`."""
    password = subprocess.check_output(["rclone", "obscure", server.app_password("ada")], text=True).strip()
    remote = {
        "RCLONE_CONFIG": "/dev/null",
        "RCLONE_CONFIG_R_TYPE": "webdav",
        "RCLONE_CONFIG_R_URL": server.url + "/remote.php/dav/files/ada",
        "RCLONE_CONFIG_R_VENDOR": vendor,
        "RCLONE_CONFIG_R_USER": "ada",
        "RCLONE_CONFIG_R_PASS": password,
    }
    environment = {**os.environ, **remote}
    subprocess.run(["rclone", *arguments], env=environment, check=True, timeout=60, capture_output=True)


@pytest.mark.needs("root", "mount.davfs", "fuse")
@pytest.mark.xdist_group("davfs")
def test_davfs2_reads_writes_renames_and_deletes(server: SyncServer) -> None:
    # Not below pytest's folder: one that is still mounted after a failure could not be removed.
    with tempfile.TemporaryDirectory() as place:
        folder, mount = Path(place), Path(place) / "mount"
        mount.mkdir()
        (folder / "secrets").write_text(f'{mount} teacher "{server.app_password("teacher")}"\n')
        (folder / "secrets").chmod(0o600)
        # Newer kernels refuse what it answers to readdir with a larger buffer.
        config = f"buf_size 256\nsecrets {folder}/secrets\nask_auth 0\ndelay_upload 0\n"
        (folder / "davfs2.conf").write_text(config)
        url = server.url + "/remote.php/dav/files/teacher/"
        options = f"conf={folder}/davfs2.conf,uid=0"
        subprocess.run(["mount.davfs", "-o", options, url, str(mount)], check=True, timeout=60)
        try:
            use(mount, Dav(server, "teacher"))
        finally:
            subprocess.run(["umount", str(mount)], check=True, timeout=60)
    teacher = Dav(server, "teacher")
    assert teacher.get("/d/ü new") == b"edited"
    for name in (*NAMES[:-1], CONTROLS, "é" * 110):
        assert teacher.get(f"/d/{name}") == name.encode()


def use(mount: Path, teacher: Dav) -> None:
    (mount / "d").mkdir()
    for name in (*NAMES[:-1], CONTROLS, "é" * 110):
        (mount / "d" / name).write_bytes(name.encode())
    (mount / "d" / "old").write_bytes(b"by davfs2")
    (mount / "d" / "old").rename(mount / "d" / "ü new")
    (mount / "d" / "gone").write_bytes(b"x" * 100_000)
    (mount / "d" / "gone").unlink()
    assert teacher.put("/d/elsewhere", "by another").status == 201
    (mount / "d" / "ü new").write_bytes(b"edited")
    assert (mount / "d" / "ü new").read_bytes() == b"edited"
    assert os.statvfs(mount).f_bsize > 0
