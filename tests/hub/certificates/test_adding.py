"""A certificate is added by whoever has its key, or by an administrator, and taken away again."""

from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from cygnet_hub.services.sync.model.errors import BadRequest, Conflict
from cygnet_hub.services.sync.model.subjects import canonical, slashed
from cygnet_hub.services.sync.service import certificates as service
from cygnet_hub.services.sync.service.certificates import add_certificate, read_pem
from tests.grid import LIMITED, Authority, Identity, issue
from tests.hub.s3.keys import person
from tests.sync_server import SyncServer

from .conftest import secure


@pytest.fixture
def bob(server: SyncServer) -> Iterator[httpx.Client]:
    """Bob, logged in; he has no certificate before and after."""
    with person(server, "bob") as http:
        yield http
        for one in http.get("certificates").json()["certificates"]:
            http.delete(f"certificates/{one['id']}")


def sign(who: Identity, text: str) -> str:
    """What openssl makes of a text, as the Files site says it."""
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", who.key], input=text.encode(), capture_output=True, check=True
    )
    return base64.encodebytes(done.stdout).decode()


def error(answer: httpx.Response, status: int) -> str:
    """The words of a refusal."""
    assert answer.status_code == status, answer.text
    return str(answer.json()["error"]["message"])


def claim(
    server: SyncServer, authority: Authority, who: Identity | None, code: str, **headers: str
) -> httpx.Response:
    """Send a code with a certificate."""
    with secure(server, authority, who) as http:
        return http.post("certificates/claim", json={"code": code}, headers=headers)


def name_of(server: SyncServer, authority: Authority, who: Identity) -> Any:
    """Who the service takes a certificate for."""
    with secure(server, authority, who) as http:
        return http.get("me").json().get("name")


@pytest.mark.parametrize("rsa", [False, True])
def test_by_a_signature(server: SyncServer, authority: Authority, bob: httpx.Client, rsa: bool) -> None:
    mine = authority.person("Bob by signature", rsa=rsa)
    told = bob.get("certificates").json()
    assert told["certificates"] == []
    assert told["address"] == f"{server.secure_url}/"
    body = {"certificate": mine.pem, "signature": sign(mine, told["challenge"])}
    added = bob.post("certificates", json=body)
    assert added.status_code == 201, added.text
    assert added.json()["subject"] == "CN=Bob by signature,DC=cygnet,DC=org"
    assert name_of(server, authority, mine) == "bob"
    listed = bob.get("certificates").json()["certificates"]
    assert [one["id"] for one in listed] == [added.json()["id"]]
    assert listed[0]["last_used"] is not None
    assert bob.delete(f"certificates/{listed[0]['id']}").status_code == 204
    assert name_of(server, authority, mine) is None
    assert bob.delete(f"certificates/{listed[0]['id']}").status_code == 404


def test_by_a_connection(server: SyncServer, authority: Authority, bob: httpx.Client) -> None:
    mine = authority.person("Bob by connection")
    code = bob.get("certificates").json()["code"]
    answer = claim(server, authority, mine.proxy(), code)
    assert answer.status_code == 201, answer.text
    assert answer.json()["user"] == "bob"
    assert name_of(server, authority, mine) == "bob"
    assert "belongs to an account already" in error(claim(server, authority, mine, code), 409)


def test_what_is_no_proof(
    server: SyncServer, authority: Authority, stranger: Authority, bob: httpx.Client
) -> None:
    mine, other = authority.person("Bob unproven"), authority.person("Not Bob")
    told = bob.get("certificates").json()
    with person(server, "ada") as ada:
        of_ada = ada.get("certificates").json()["challenge"]

    def refused(certificate: Identity, signature: str) -> str:
        return error(
            bob.post("certificates", json={"certificate": certificate.pem, "signature": signature}), 400
        )

    for signature in (
        sign(other, told["challenge"]),
        sign(mine, of_ada),
        sign(mine, told["code"]),
        "",
        "?",
        "AAAA",
    ):
        assert "was not made with the key" in refused(mine, signature)
    foreign, over = stranger.person("Bob abroad"), authority.person("Bob before", start=-3)
    assert "authority of this certificate is not accepted" in refused(
        foreign, sign(foreign, told["challenge"])
    )
    assert "is not valid now" in refused(over, sign(over, told["challenge"]))
    lost = authority.person("Bob lost")
    authority.revoke(lost)
    server.renew_tls()
    assert "was revoked" in refused(lost, sign(lost, told["challenge"]))
    assert bob.get("certificates").json()["certificates"] == []


def test_a_private_key_is_not_taken(bob: httpx.Client, authority: Authority) -> None:
    body = {"certificate": authority.person("Careless").bundle.read_text(), "signature": ""}
    assert "a private key" in error(bob.post("certificates", json=body), 400)
    body = {"certificate": "nonsense", "signature": ""}
    assert "no certificate in PEM" in error(bob.post("certificates", json=body), 400)


def test_codes_that_do_not_count(
    server: SyncServer, authority: Authority, bob: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = authority.person("Bob with a code")
    told = bob.get("certificates").json()
    code = told["code"]
    for wrong in (
        "",
        ".",
        "..",
        "x",
        code[:-1],
        code[:-1] + "x",
        code.replace(".", ".1", 1),
        told["challenge"],
    ):
        assert error(claim(server, authority, mine, wrong), 401).startswith("This code is wrong"), wrong
    assert "connect with your certificate" in error(claim(server, authority, None, code), 401)
    assert "limited proxy" in error(claim(server, authority, mine.proxy("1", LIMITED), code), 401)
    in_a_page = claim(server, authority, mine, code, Origin="https://elsewhere.org")
    assert "connect with your certificate" in error(in_a_page, 401)
    monkeypatch.setattr(service, "CODE_SECONDS", -1)
    over = bob.get("certificates").json()["code"]
    assert error(claim(server, authority, mine, over), 401).startswith("This code is wrong")
    assert bob.get("certificates").json()["certificates"] == []


def test_a_program_cannot_add_one(server: SyncServer) -> None:
    with httpx.Client(
        base_url=f"{server.url}/api/v1/", auth=("bob", server.app_password("bob")), trust_env=False
    ) as program:
        assert program.get("certificates").status_code == 403
        assert program.post("certificates", json={"certificate": "", "signature": ""}).status_code == 403
        assert program.delete("certificates/abc").status_code == 403


def test_the_same_name_by_another_authority_is_somebody_else(
    server: SyncServer, authority: Authority, ada: Identity
) -> None:
    lower = authority.lower("Lower CA")
    listed = authority.accepted / "lower.pem"
    listed.write_text(lower.pem)
    again = issue(
        lower, "again", subject=ada.subject, extensions="keyUsage=digitalSignature\n", above=lower.certificate
    )
    try:
        server.renew_tls()
        with secure(server, authority, again) as http:
            assert "no list" in error(http.get("me"), 401)
            assert http.get("certificates/presented").json()["user"] is None
    finally:
        listed.unlink()
        server.renew_tls()


def test_an_administrators_word(server: SyncServer, authority: Authority) -> None:
    database = server.services.database
    mine = authority.person("Emmy, Noether=1")
    add = lambda *names: database.write_now(lambda c: add_certificate(c, "student", *names))  # noqa: E731
    made = add(mine.subject)
    assert name_of(server, authority, mine) == "student"
    for names in ((mine.subject,), (mine.subject, authority.subject), (canonical(mine.subject), "CN=Any")):
        with pytest.raises(Conflict):
            add(*names)
    with pytest.raises(BadRequest):
        add("nobody")
    with person(server, "student") as http:
        assert http.delete(f"certificates/{made.id}").status_code == 204


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("/DC=org/CN=Ada", "CN=Ada,DC=org"),
        ("/C=CH/O=CERN/CN=a,b+c/emailAddress=x@y.z", "1.2.840.113549.1.9.1=x@y.z,CN=a\\,b\\+c,O=CERN,C=CH"),
        ("/O=Grid/CN=host/a.org", "CN=host/a.org,O=Grid"),
        ("/CN= #;\\", "CN=\\ #\\;\\\\"),
        ("CN=Ada,DC=org", "CN=Ada,DC=org"),
    ],
)
def test_one_name_in_two_forms(told: str, kept: str) -> None:
    assert canonical(told) == kept


@pytest.mark.parametrize("text", ["", "/", "Ada", "/Ada", "CN", "/9=x", "CN=Ada,", "\x00"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(BadRequest):
        canonical(text)


def test_a_name_as_openssl_writes_it(ada: Identity) -> None:
    assert slashed(read_pem(ada.pem).subject) == ada.subject


def test_the_codes_end(server: SyncServer) -> None:
    with person(server, "bob") as http:
        until = int(http.get("certificates").json()["code"].split(".")[1])
    assert until - time.time() <= service.CODE_SECONDS
