"""Unmodified gfal2 has two servers copy between them: two of ours, and ours and a real XRootD."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from cygnet_hub.services.sync.model.egress import EgressPolicy
from cygnet_hub.services.sync.model.settings import Tls
from cygnet_hub.services.sync.service.certificates import add_certificate
from cygnet_hub.services.sync.store.schema import journal
from tests.grid import SERVER, Authority, Identity
from tests.hub.sync.issuer import Issuer, issuer
from tests.sync_server import SyncServer
from tests.xrootd_server import XRootD, web_server

DATA = os.urandom(5 << 20)
MODES = ("pull", "push")

Copy = Callable[..., str]

POLICY = """
[[issuer]]
url = "{url}/"
account = "ada"
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom all of them trust."""
    return Authority(tmp_path_factory.mktemp("authority") / "ca")


@pytest.fixture(scope="module")
def host(authority: Authority) -> Identity:
    """The certificate of all servers of this machine."""
    return authority.person("localhost", SERVER)


@pytest.fixture(scope="module")
def person(authority: Authority) -> Identity:
    """The certificate of Ada."""
    return authority.person("Ada Lovelace")


@pytest.fixture(scope="module")
def iam() -> Iterator[Issuer]:
    """An issuer of tokens that ours know."""
    with issuer() as running:
        yield running


@contextlib.contextmanager
def serving(folder: Path, authority: Authority, host: Identity, person: Identity) -> Iterator[SyncServer]:
    server = SyncServer(folder, tls=Tls(host.certificate, host.key, authority.accepted))
    server.copies = EgressPolicy(inside=("localhost",), authorities=authority.accepted)
    server.start()
    try:
        server.services.database.write_now(lambda c: add_certificate(c, "ada", person.subject))
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def servers(
    authority: Authority,
    host: Identity,
    person: Identity,
    iam: Issuer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[SyncServer]]:
    """Two of ours."""
    with contextlib.ExitStack() as stack:
        folders = [tmp_path_factory.mktemp(name) for name in ("one", "two")]
        for folder in folders:
            (folder / "token-issuers.toml").write_text(POLICY.format(url=iam.url))
        yield [stack.enter_context(serving(folder, authority, host, person)) for folder in folders]


@pytest.fixture(scope="module")
def xrootd(authority: Authority, host: Identity) -> Iterator[XRootD]:
    """A real XRootD with HTTPS, macaroons and third-party copy."""
    with web_server(host.certificate, host.key, authority.accepted) as running:
        yield running


@pytest.fixture
def gfal(authority: Authority, person: Identity, tmp_path: Path) -> Copy:
    """Runs a command of gfal2 with a proxy of Ada; what it says."""
    proxy = person.proxy()
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment |= {
        "GFAL_PYTHONBIN": "/usr/bin/python3",  # the commands are those of Debian's Python
        "HOME": str(tmp_path),
        "X509_USER_PROXY": str(proxy.bundle),
        "X509_CERT_DIR": str(authority.accepted),
    }

    def run(*arguments: str, **more: str) -> str:
        done = subprocess.run(
            arguments, env=environment | more, capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def copied(gfal: Copy, mode: str, source: str, destination: str, **more: str) -> None:
    """Copy with the checksum compared at both ends, by this mode and no other; `more` for the environment."""
    said = gfal(
        "gfal-copy",
        "-vv",
        "-t",
        "60",
        "-p",
        "-K",
        "ADLER32",
        "--copy-mode",
        mode,
        source,
        destination,
        **more,
    )
    assert f"Copy succeeded using mode 3rd {mode}" in said


def place(server: SyncServer, path: str) -> str:
    return server.secure_url.replace("https:", "davs:") + f"/remote.php/dav/files/ada/{path}"


def stored(server: SyncServer, path: str) -> bytes:
    return httpx.get(dav(server, path), auth=auth(server), trust_env=False).content


def store(server: SyncServer, path: str) -> None:
    answer = httpx.put(dav(server, path), content=DATA, auth=auth(server), trust_env=False)
    assert answer.status_code in (201, 204)


def dav(server: SyncServer, path: str) -> str:
    return f"{server.url}/remote.php/dav/files/ada/{path}"


def auth(server: SyncServer) -> tuple[str, str]:
    return "ada", server.app_password("ada")


def credential_of(server: SyncServer, path: str) -> str:
    """By what kind of credential a file was put."""
    query = select(journal.c.credential).where(journal.c.path == f"/{path}", journal.c.op == "put")
    return str(server.services.database.read_now(lambda c: c.execute(query).scalar_one())).partition(":")[0]


@pytest.mark.needs("gfal-copy")
@pytest.mark.parametrize("mode", MODES)
def test_between_two_of_ours(servers: list[SyncServer], gfal: Copy, mode: str) -> None:
    one, two = servers
    store(one, f"{mode}.root")
    copied(gfal, mode, place(one, f"{mode}.root"), place(two, f"new/{mode}/a file.root".replace(" ", "%20")))
    assert stored(two, f"new/{mode}/a file.root") == DATA
    assert credential_of(two, f"new/{mode}/a file.root") == "macaroon"


@pytest.mark.needs("gfal-copy")
@pytest.mark.parametrize("mode", MODES)
def test_with_a_token_of_the_grid(servers: list[SyncServer], iam: Issuer, gfal: Copy, mode: str) -> None:
    one, two = servers
    store(one, f"token-{mode}.root")
    token = iam.token(f"storage.read:/token-{mode}.root storage.read:/with-token storage.modify:/with-token")
    target = f"with-token/{mode}.root"
    copied(gfal, mode, place(one, f"token-{mode}.root"), place(two, target), BEARER_TOKEN=token)
    assert stored(two, target) == DATA
    assert credential_of(two, target) == "grid"


@pytest.mark.needs("gfal-copy", "xrootd")
@pytest.mark.parametrize("mode", MODES)
def test_from_xrootd(servers: list[SyncServer], xrootd: XRootD, gfal: Copy, mode: str) -> None:
    (xrootd.data / f"{mode}.root").write_bytes(DATA)
    (xrootd.data / f"{mode}.root").chmod(0o644)
    copied(gfal, mode, f"{xrootd.web}/{mode}.root", place(servers[0], f"from-xrootd/{mode}.root"))
    assert stored(servers[0], f"from-xrootd/{mode}.root") == DATA
    assert credential_of(servers[0], f"from-xrootd/{mode}.root") == "macaroon"


@pytest.mark.needs("gfal-copy", "xrootd")
@pytest.mark.parametrize("mode", MODES)
def test_to_xrootd(servers: list[SyncServer], xrootd: XRootD, gfal: Copy, mode: str) -> None:
    store(servers[0], f"to-{mode}.root")
    copied(gfal, mode, place(servers[0], f"to-{mode}.root"), f"{xrootd.web}/from-cygnet/{mode}.root")
    assert (xrootd.data / "from-cygnet" / f"{mode}.root").read_bytes() == DATA


@pytest.mark.needs("gfal-token")
def test_a_macaroon_by_hand(servers: list[SyncServer], gfal: Copy) -> None:
    server = servers[0]
    store(server, "by-hand.root")
    issuer = f"{server.secure_url}/"
    for more in ((), ("--issuer", issuer)):
        token = gfal("gfal-token", *more, "--validity", "10", place(server, "by-hand.root")).strip()
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.get(dav(server, "by-hand.root"), headers=headers, trust_env=False).content == DATA
        assert httpx.delete(dav(server, "by-hand.root"), headers=headers, trust_env=False).status_code == 403
