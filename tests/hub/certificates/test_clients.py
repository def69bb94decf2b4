"""Clients that nobody here wrote, each with a proxy, and `cygnet` as a job calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest
from botocore.config import Config

from tests.grid import LIMITED, Authority, Identity, openssl
from tests.sync_server import SyncServer


@pytest.fixture(scope="module")
def proxy(ada: Identity) -> Identity:
    """A proxy of Ada's, as a job has it."""
    return ada.proxy("job")


@pytest.fixture
def job(server: SyncServer, authority: Authority, proxy: Identity, tmp_path: Path) -> dict[str, str]:
    """The environment of a job: a proxy, authorities, and nothing else of Ada's."""
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(("AWS_", "CYGNET_"))}
    return {name: value for name, value in inherited.items() if "proxy" not in name.lower()} | {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "X509_USER_PROXY": str(proxy.bundle),
        "X509_CERT_DIR": str(authority.accepted),
        "CYGNET_URL": f"{server.secure_url}/",
        "GFAL_PYTHONBIN": "/usr/bin/python3",  # the commands are those of Debian's Python
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


def run(environment: dict[str, str], *command: str | Path, status: int = 0) -> str:
    """What a command prints; it must end with `status`."""
    done = subprocess.run(
        [*map(str, command)], env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == status, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture
def place(server: SyncServer) -> str:
    """Where Ada's folder of the grid is, for WebDAV."""
    return f"{server.secure_url}/remote.php/dav/files/ada/grid"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of some size."""
    path = tmp_path / "out.root"
    path.write_bytes(os.urandom(3 << 20))
    return path


@pytest.mark.needs("gfal-copy")
def test_gfal2(job: dict[str, str], place: str, source: Path, tmp_path: Path) -> None:
    davs = place.replace("https:", "davs:")
    run(job, "gfal-copy", "-p", "-K", "ADLER32", f"file://{source}", f"{davs}/gfal/a.root")
    assert "a.root" in run(job, "gfal-ls", f"{davs}/gfal")
    checksum = run(job, "gfal-sum", f"{davs}/gfal/a.root", "ADLER32").split()[-1]
    assert checksum == f"{zlib.adler32(source.read_bytes()):08x}"
    run(job, "gfal-rename", f"{davs}/gfal/a.root", f"{davs}/gfal/b.root")
    run(job, "gfal-copy", f"{davs}/gfal/b.root", f"file://{tmp_path}/back")
    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    run(job, "gfal-rm", f"{davs}/gfal/b.root")


@pytest.mark.needs("gfal-copy")
def test_gfal2_with_a_limited_proxy(job: dict[str, str], place: str, ada: Identity, source: Path) -> None:
    environment = job | {"X509_USER_PROXY": str(ada.proxy("limited-gfal", LIMITED).bundle)}
    davs = place.replace("https:", "davs:")
    assert "there.txt" in run(environment, "gfal-ls", davs)
    done = subprocess.run(
        ["gfal-copy", f"file://{source}", f"{davs}/limited.root"],
        env=environment, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "limited.root" not in run(job, "gfal-ls", davs)


@pytest.mark.needs("davix-get")
def test_davix(job: dict[str, str], place: str, source: Path, tmp_path: Path) -> None:
    own = ("-E", job["X509_USER_PROXY"], "--capath", job["X509_CERT_DIR"])
    run(job, "davix-put", *own, source, f"{place}/davix.root")
    assert "davix.root" in run(job, "davix-ls", *own, place)
    run(job, "davix-get", *own, f"{place}/davix.root", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    run(job, "davix-rm", *own, f"{place}/davix.root")


@pytest.mark.needs("rclone")
def test_rclone(job: dict[str, str], authority: Authority, place: str, source: Path, tmp_path: Path) -> None:
    own = (
        "--webdav-url", place, "--webdav-vendor", "other", "--ca-cert", authority.own.certificate,
        "--client-cert", job["X509_USER_PROXY"], "--client-key", job["X509_USER_PROXY"],
    )  # fmt: skip
    run(job, "rclone", *own, "copy", source, ":webdav:rclone")
    run(job, "rclone", *own, "copy", ":webdav:rclone/out.root", tmp_path / "back")
    assert (tmp_path / "back/out.root").read_bytes() == source.read_bytes()


def test_boto3_gets_keys_by_itself(
    job: dict[str, str], server: SyncServer, authority: Authority, source: Path, tmp_path: Path
) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text(
        f"[default]\nregion = us-east-1\nendpoint_url = {server.secure_s3}\n"
        f"ca_bundle = {authority.own.certificate}\ncredential_process = cygnet keys temporary --process\n"
    )
    program = (
        "import boto3, sys; s3 = boto3.client('s3')\n"
        "s3.upload_file(sys.argv[1], 'home', 'grid/boto3/out.root')\n"
        "print(s3.head_object(Bucket='home', Key='grid/boto3/out.root')['ContentLength'])"
    )
    assert run(job, sys.executable, "-c", program, source).split()[-1] == str(source.stat().st_size)
    run(job, "aws", "s3", "cp", "s3://home/grid/boto3/out.root", tmp_path / "back", "--only-show-errors")
    assert (tmp_path / "back").read_bytes() == source.read_bytes()


def test_boto3_without_keys(server: SyncServer, authority: Authority, proxy: Identity, source: Path) -> None:
    made: Any = boto3.client(
        "s3",
        endpoint_url=server.secure_s3,
        region_name="us-east-1",
        verify=str(authority.own.certificate),
        config=Config(
            signature_version=botocore.UNSIGNED,
            client_cert=(str(proxy.bundle), str(proxy.bundle)),
            retries={"total_max_attempts": 1},
        ),
    )
    made.upload_file(str(source), "home", "grid/unsigned.root")
    got = made.get_object(Bucket="home", Key="grid/unsigned.root")["Body"].read()
    assert got == source.read_bytes()
    made.close()


def test_cygnet_in_a_job(job: dict[str, str], source: Path, tmp_path: Path) -> None:
    run(job, "cygnet", "put", source, "cygnet://grid/cli/")
    assert run(job, "cygnet", "ls", "/grid/cli").split() == ["out.root"]
    run(job, "cygnet", "get", "cygnet://grid/cli/out.root", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == source.read_bytes()
    told = json.loads(run(job, "cygnet", "certificates", "show", "--json"))
    assert (told["user"], told["proxies"], told["limited"]) == ("ada", 1, False)


def test_cygnet_is_told_the_certificate(job: dict[str, str], ada: Identity, tmp_path: Path) -> None:
    bare = {name: value for name, value in job.items() if name != "X509_USER_PROXY"}
    run(bare, "cygnet", "ls", "/grid", status=3)
    own = ("--cert", ada.certificate, "--key", ada.key)
    assert "there.txt" in run(bare, "cygnet", "ls", *own, "/grid")
    variables = bare | {"X509_USER_CERT": str(ada.certificate), "X509_USER_KEY": str(ada.key)}
    assert "there.txt" in run(variables, "cygnet", "ls", "/grid")
    assert "You are logged in" in run(bare, "cygnet", "login", bare["CYGNET_URL"], *own)
    without = {name: value for name, value in bare.items() if name != "CYGNET_URL"}
    assert "there.txt" in run(without, "cygnet", "ls", "/grid")
    assert "PRIVATE" not in (tmp_path / "config/cygnet/login.json").read_text()


def test_cygnet_says_what_is_wrong(
    job: dict[str, str], authority: Authority, ada: Identity, tmp_path: Path
) -> None:
    def told(who: Path, **more: str) -> str:
        done = subprocess.run(
            ["cygnet", "ls", "/grid"], env=job | {"X509_USER_PROXY": str(who)} | more,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        assert "Traceback" not in done.stderr
        return done.stderr

    assert "does not accept your certificate: certificate expired" in told(ada.proxy("over", start=-3).bundle)
    assert "belongs to no account here" in told(authority.person("Nobody").bundle)
    assert "cannot be used: No such file" in told(tmp_path / "missing")
    locked = tmp_path / "locked.pem"
    openssl("ec", "-in", ada.key, "-aes256", "-passout", "pass:secret", "-out", locked, cwd=tmp_path)
    locked.write_text(ada.pem + locked.read_text())
    assert "its key has a password" in told(locked)
    assert "is not one that counts here" in told(ada.bundle, X509_CERT_DIR=str(tmp_path))
