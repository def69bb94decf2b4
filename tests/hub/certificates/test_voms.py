"""Attributes of VOMS, made by voms-proxy-fake: which are believed, and which not."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from cygnet_hub.services.sync.model.settings import Tls
from tests.grid import SIGNING, Authority, Identity
from tests.sync_server import SyncServer

from .conftest import secure

pytestmark = pytest.mark.needs("voms-proxy-fake")

NAMES = ("/atlas/Role=production", "/atlas")


@pytest.fixture(scope="module")
def member(authority: Authority) -> Identity:
    """Somebody with a key of the kind that voms-proxy-fake knows."""
    return authority.person("Member", rsa=True)


@pytest.fixture(scope="module")
def voms(authority: Authority, tls: Tls) -> Identity:
    """The server of an organisation that is known here."""
    made = authority.person("voms.example.org", SIGNING, rsa=True)
    assert tls.vomsdir
    (tls.vomsdir / "atlas").mkdir()
    (tls.vomsdir / "atlas/voms.example.org.lsc").write_text(f"{made.subject}\n{authority.subject}\n")
    return made


def fake(
    member: Identity, voms: Identity, authority: Authority, folder: Path,
    organisation: str = "atlas", names: tuple[str, ...] = NAMES, more: tuple[str, ...] = (),
) -> Identity:  # fmt: skip
    """A proxy with attributes."""
    path = folder / "proxy"
    for old in folder.glob("proxy"):
        old.unlink()
    subprocess.run(
        ["voms-proxy-fake", "-quiet", "-rfc", "-cert", member.certificate, "-key", member.key,
         "-certdir", authority.accepted, "-hostcert", voms.certificate, "-hostkey", voms.key,
         "-voms", organisation, "-uri", "voms.example.org:15000", "-out", path, "-bits", "2048",
         *(part for name in names for part in ("-fqan", name)), *more],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return Identity(member.subject, path, path, path)


def presented(server: SyncServer, authority: Authority, who: Identity) -> Any:
    """What the service sees."""
    with secure(server, authority, who) as http:
        answer = http.get("certificates/presented")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_attributes_are_read(
    server: SyncServer, authority: Authority, member: Identity, voms: Identity, tmp_path: Path
) -> None:
    told = presented(server, authority, fake(member, voms, authority, tmp_path))
    assert told["attributes"] == [{"organisation": "atlas", "names": [*NAMES]}]
    assert (told["proxies"], told["user"]) == (1, None)
    assert "belongs to no account" in told["problem"]


def test_attributes_that_are_not_believed(
    server: SyncServer,
    authority: Authority,
    stranger: Authority,
    member: Identity,
    voms: Identity,
    tmp_path: Path,
) -> None:
    def told(signer: Identity = voms, **more: Any) -> Any:
        return presented(server, authority, fake(member, signer, authority, tmp_path, **more))["attributes"]

    other = authority.person("other.example.org", SIGNING, rsa=True)
    assert told(other) == [], "of a server that does not speak for it"
    assert told(stranger.person("voms.example.org", SIGNING, rsa=True)) == [], "of another authority's server"
    assert told(organisation="cms", names=("/cms",)) == [], "of an organisation that is not known"
    assert told(organisation="../atlas", names=("/../atlas",)) == [], "of no proper organisation"
    assert told(names=("/cms/Role=production",)) == [], "of another organisation's group"
    assert told(more=("-vomslife", "1", "-pastac", "5:00")) == [], "over"
    assert told(more=("-acextension", "1.2.3.4/true")) == [], "under a condition that nobody knows"
    assert told(more=("-acextension", "2.5.29.55/false:3000")) == [], "for certain services"
    retired = authority.person("retired.example.org", SIGNING, rsa=True, subject=voms.subject)
    assert told(retired) != [], "another certificate of the same server"
    authority.revoke(retired)
    server.renew_tls()
    assert told(retired) == [], "of a server whose certificate was revoked"


def test_attributes_of_somebody_else(
    server: SyncServer, authority: Authority, member: Identity, voms: Identity, tmp_path: Path
) -> None:
    """The attributes of a member, in a proxy of somebody who is none."""
    from cryptography import x509

    proxy = x509.load_pem_x509_certificate(fake(member, voms, authority, tmp_path).certificate.read_bytes())
    extension = proxy.extensions.get_extension_for_oid(x509.ObjectIdentifier("1.3.6.1.4.1.8005.100.100.5"))
    told: Any = extension.value
    thief = authority.person("Thief").proxy(
        "1", extensions=f"{SIGNING}1.3.6.1.4.1.8005.100.100.5=DER:{told.value.hex()}\n"
    )
    assert presented(server, authority, thief)["attributes"] == []
    changed = told.value.replace(b"/atlas/Role=production", b"/atlas/Role=everything")
    forger = member.proxy("2", extensions=f"{SIGNING}1.3.6.1.4.1.8005.100.100.5=DER:{changed.hex()}\n")
    assert presented(server, authority, forger)["attributes"] == []
    broken = member.proxy("3", extensions=f"{SIGNING}1.3.6.1.4.1.8005.100.100.5=DER:3003020101\n")
    assert presented(server, authority, broken)["attributes"] == []
