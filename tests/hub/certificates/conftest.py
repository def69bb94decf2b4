"""One service with TLS for each module, an authority that it accepts, and one that it does not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from cygnet_hub.services.sync.model.settings import Tls
from cygnet_hub.services.sync.service.certificates import add_certificate
from tests.grid import SERVER, Authority, Identity
from tests.hub.s3.keys import person
from tests.sync_server import SyncServer, sync_server


class Told(NamedTuple):
    """What curl says: its exit code, the status, the body."""

    exit: int
    status: int
    body: str


Curl = Callable[..., Told]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the service accepts."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that calls itself the same, and is another."""
    return Authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def tls(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """What the service is told."""
    host = authority.person("localhost", SERVER)
    vomsdir = tmp_path_factory.mktemp("vomsdir")
    return Tls(host.certificate, host.key, authority.accepted, vomsdir)


@pytest.fixture(scope="module")
def server(tls: Tls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """The service."""
    with sync_server(tmp_path_factory.mktemp("sync"), tls=tls) as running:
        yield running


@pytest.fixture(scope="module")
def ada(server: SyncServer, authority: Authority) -> Identity:
    """Ada's certificate, which opens her files; there is a folder `grid` in them with a file."""
    made = authority.person("Ada Lovelace")
    server.services.database.write_now(
        lambda connection: add_certificate(connection, "ada", made.subject, authority.subject)
    )
    with person(server, "ada") as http:
        assert http.post("folders", json={"path": "/grid"}).status_code == 201
        assert http.put("content", params={"path": "/grid/there.txt"}, content=b"there").status_code == 201
    return made


@pytest.fixture
def curl(server: SyncServer, authority: Authority) -> Curl:
    """Runs curl: `dav:` stands for Ada's files, `api:` for the JSON API, `s3:` for S3."""
    places = {
        "dav:": f"{server.secure_url}/remote.php/dav/files/ada",
        "api:": f"{server.secure_url}/api/v1/",
        "s3:": f"{server.secure_s3}/",
    }

    def run(address: str, who: Identity | None = None, *arguments: str | Path) -> Told:
        place, colon, path = address.partition(":")
        own = ["--cert", who.bundle] if who else []
        done = subprocess.run(
            ["curl", "--silent", "--cacert", authority.own.certificate, "--write-out", "\n%{http_code}",
             *map(str, own), *map(str, arguments), places[place + colon] + path],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        body, _, status = done.stdout.rpartition("\n")
        return Told(done.returncode, int(status), body)

    return run


def secure(
    server: SyncServer, authority: Authority, who: Identity | None = None, **more: Any
) -> httpx.Client:
    """An HTTP client of the JSON API with TLS, with somebody's certificate."""
    import ssl

    context = ssl.create_default_context(cafile=authority.own.certificate)
    if who:
        context.load_cert_chain(who.bundle)
    return httpx.Client(
        base_url=f"{server.secure_url}/api/v1/", verify=context, trust_env=False, timeout=60, **more
    )
