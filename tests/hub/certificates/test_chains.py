"""Certificates and proxies, made by openssl: which of them open which door, and what refuses the others."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from cygnet_hub.services.sync.model.errors import BadRequest, Unauthorized
from cygnet_hub.services.sync.service.authorities import Authorities
from cygnet_hub.services.sync.service.certificates import add_certificate, read_pem
from cygnet_hub.services.sync.service.chains import read_chain
from tests.grid import LIMITED, PERSON, SIGNING, WHOLE, Authority, Identity, issue
from tests.sync_server import SyncServer

from .conftest import Curl

pytestmark = pytest.mark.needs("curl", "openssl")

#: How each door is asked for something that a person may see.
DOORS = {
    "webdav": ("dav:/grid/there.txt",),
    "json": ("api:me",),
    "s3": ("s3:home/grid/there.txt",),
}
#: How each takes a new file.
WRITES = {"webdav": "dav:/grid/{name}", "json": "api:content?path=/grid/{name}", "s3": "s3:home/grid/{name}"}


@pytest.fixture(scope="module")
def good(ada: Identity) -> dict[str, Identity]:
    """Everything of Ada's that opens her files."""
    first = ada.proxy("1")
    return {
        "certificate": ada,
        "proxy": first,
        "proxy of a proxy": first.proxy("2"),
        "limited proxy": ada.proxy("3", LIMITED),
        "whole proxy of a limited one": ada.proxy("4", LIMITED).proxy("5"),
        "as long as allowed": ada.proxy("6", f"{WHOLE},pathlen:1").proxy("7"),
    }


@pytest.fixture(scope="module")
def bad(server: SyncServer, ada: Identity, authority: Authority, stranger: Authority) -> dict[str, Identity]:
    """Everything that does not."""
    bob = authority.person("Bob")
    revoked = authority.person("Ada Lovelace revoked", subject=ada.subject)
    below = revoked.proxy("1")
    authority.revoke(revoked)
    server.renew_tls()
    return {
        "revoked": revoked,
        "proxy of a revoked one": below,
        "expired": authority.person("expired", subject=ada.subject, start=-5, days=3),
        "not yet valid": authority.person("early", subject=ada.subject, start=2, days=3),
        "expired proxy": ada.proxy("10", start=-3, days=2),
        "proxy that is not yet valid": ada.proxy("11", start=1),
        "proxy of an expired proxy": ada.proxy("12", start=-3, days=2).proxy("13"),
        "of another authority": stranger.person("Ada Lovelace"),
        "proxy of another authority's": stranger.person("Ada Lovelace again", subject=ada.subject).proxy("1"),
        "proxy with another's name": bob.proxy("14", subject=f"{ada.subject}/CN=14"),
        "proxy with the very name": bob.proxy("15", subject=ada.subject),
        "proxy with no name more": ada.proxy("16", subject=ada.subject),
        "proxy with two names more": ada.proxy("17", subject=f"{ada.subject}/CN=a/CN=b"),
        "proxy with another kind of name": ada.proxy("18", subject=f"{ada.subject}/OU=a"),
        "longer than allowed": ada.proxy("19", f"{WHOLE},pathlen:0").proxy("20"),
        "longer than the first allows": ada.proxy("21", f"{WHOLE},pathlen:1").proxy("22").proxy("23"),
        "independent proxy": ada.proxy("24", "language:id-ppl-independent"),
        "policy that nobody knows": ada.proxy("25", "language:1.2.3.4"),
        "legacy proxy": ada.proxy("proxy", ""),
        "legacy limited proxy": ada.proxy("limited proxy", ""),
        "proxy that is an authority": ada.proxy("26", extensions=f"basicConstraints=CA:TRUE\n{SIGNING}"),
        "proxy with another address": ada.proxy("27", extensions=f"subjectAltName=DNS:a.org\n{SIGNING}"),
        "proxy by one that may not sign": authority.person(
            "Ada Lovelace mute", "keyUsage=critical,keyEncipherment\n", subject=ada.subject
        ).proxy("1"),
        "certificate by a person": issue(
            ada, "by-a-person", subject=ada.subject, extensions=PERSON, above=ada.certificate
        ),
        "certificate for servers": authority.person(
            "for servers", PERSON + "extendedKeyUsage=serverAuth\n", subject=ada.subject
        ),
        "of nobody here": bob,
        "proxy of nobody here": bob.proxy("1"),
    }


GOOD = (
    "certificate", "proxy", "proxy of a proxy", "limited proxy", "whole proxy of a limited one",
    "as long as allowed",
)  # fmt: skip
BAD = (
    "revoked", "proxy of a revoked one", "expired", "not yet valid", "expired proxy",
    "proxy that is not yet valid", "proxy of an expired proxy", "of another authority",
    "proxy of another authority's", "proxy with another's name", "proxy with the very name",
    "proxy with no name more", "proxy with two names more", "proxy with another kind of name",
    "longer than allowed", "longer than the first allows", "independent proxy", "policy that nobody knows",
    "legacy proxy", "legacy limited proxy", "proxy that is an authority", "proxy with another address",
    "proxy by one that may not sign", "certificate by a person", "certificate for servers",
    "of nobody here", "proxy of nobody here",
)  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_opens_every_door(curl: Curl, good: dict[str, Identity], name: str) -> None:
    for door, (address,) in DOORS.items():
        told = curl(address, good[name])
        assert (told.exit, told.status) == (0, 200), (door, told)
        assert "there" in told.body or '"name":"ada"' in told.body


@pytest.mark.parametrize("name", BAD)
def test_opens_no_door(curl: Curl, bad: dict[str, Identity], name: str) -> None:
    for door, (address,) in DOORS.items():
        told = curl(address, bad[name])
        assert told.exit != 0 or told.status in (401, 403), (door, told)


def encoded(who: Identity, authority: Authority) -> tuple[bytes, ...]:
    """The chain of a bundle up to the authority, as OpenSSL gives it."""
    found = x509.load_pem_x509_certificates(who.bundle.read_bytes() + authority.own.certificate.read_bytes())
    return tuple(one.public_bytes(Encoding.DER) for one in found)


@pytest.mark.parametrize("name", [name for name in BAD if "nobody" not in name])
def test_our_own_rules_would_do_without_openssl(
    authority: Authority, bad: dict[str, Identity], name: str
) -> None:
    with pytest.raises(Unauthorized):
        read_chain(encoded(bad[name], authority)).check(Authorities.read(authority.accepted), time.time())


def test_authorities_in_between_are_accepted_one_by_one(authority: Authority, tmp_path: Path) -> None:
    """One that is not could have the name of another, and so give out the names of that one's people."""
    lower = authority.lower("Lower CA")
    person = issue(lower, "below", subject="/CN=Ada", extensions=PERSON, above=lower.certificate)
    chain = read_chain(encoded(person, authority))
    (tmp_path / "ca.pem").write_text(authority.own.pem)
    with pytest.raises(Unauthorized, match="not accepted"):
        chain.check(Authorities.read(tmp_path, needs_list=False), time.time())
    (tmp_path / "lower.pem").write_text(lower.pem)
    chain.check(Authorities.read(tmp_path, needs_list=False), time.time())
    with pytest.raises(Unauthorized, match="no list"):
        chain.check(Authorities.read(tmp_path), time.time())


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_chain_breaks_the_reader(
    data: st.DataObject, authority: Authority, good: dict[str, Identity]
) -> None:
    chain = list(encoded(good["proxy of a proxy"], authority))
    at = data.draw(st.integers(0, len(chain) - 1))
    place = data.draw(st.integers(0, len(chain[at]) - 1))
    chain[at] = chain[at][:place] + data.draw(st.binary(min_size=1, max_size=8)) + chain[at][place + 1 :]
    with contextlib.suppress(Unauthorized):
        read_chain(tuple(chain))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_pasted_certificate_breaks_the_reader(data: st.DataObject, good: dict[str, Identity]) -> None:
    encoded = bytearray(ssl.PEM_cert_to_DER_cert(good["certificate"].certificate.read_text()))
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place : place + 1] = data.draw(st.binary(min_size=1, max_size=8))
    with contextlib.suppress(BadRequest):
        read_pem(ssl.DER_cert_to_PEM_cert(bytes(encoded)))


def test_says_why_where_http_gets_that_far(curl: Curl, bad: dict[str, Identity]) -> None:
    told = curl("api:me", bad["of nobody here"])
    assert told.status == 401
    assert "/DC=org/DC=cygnet/CN=Bob belongs to no account here" in told.body
    told = curl("s3:home", bad["of nobody here"])
    assert told.status == 403
    assert "<Code>AccessDenied</Code>" in told.body
    assert "CN=Bob belongs to no account here" in told.body
    assert "policy of this proxy is not known" in curl("api:me", bad["independent proxy"]).body
    assert "was revoked" in curl("api:me", bad["proxy of a revoked one"]).body


@pytest.mark.parametrize("door", WRITES)
@pytest.mark.parametrize("name", GOOD)
def test_a_limited_proxy_reads_only(curl: Curl, good: dict[str, Identity], name: str, door: str) -> None:
    address = WRITES[door].format(name=f"{door}-{GOOD.index(name)}")
    told = curl(address, good[name], "--request", "PUT", "--data-binary", "new")
    if "limited" in name:
        assert told.status == 403, told
    else:
        assert told.status in (200, 201), told
        assert curl(f"dav:/grid/{door}-{GOOD.index(name)}", good[name]).body == "new"


def test_nobody_needs_a_certificate(curl: Curl) -> None:
    assert curl("api:me").status == 401
    assert curl("api:openapi.json").status == 200
    assert curl("s3:").status == 403


def test_what_anybody_may_see_is_not_refused_to_the_unknown(curl: Curl, bad: dict[str, Identity]) -> None:
    assert curl("api:openapi.json", bad["of nobody here"]).status == 200


def test_another_credential_comes_first(server: SyncServer, curl: Curl, ada: Identity) -> None:
    told = curl("api:me", ada, "--user", f"bob:{server.app_password('bob')}")
    assert '"name":"bob"' in told.body
    assert curl("api:me", ada, "--user", "ada:wrong").status == 401


@pytest.mark.parametrize(
    "header", ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: none", "Origin: https://a.org"]
)
def test_a_page_cannot_use_it(curl: Curl, ada: Identity, header: str) -> None:
    for address in ("api:me", "dav:/grid/there.txt", "s3:home/grid/there.txt"):
        assert curl(address, ada, "--header", header).status in (401, 403)


def test_it_is_not_the_account(curl: Curl, ada: Identity) -> None:
    for address in ("api:app-passwords", "api:certificates", "api:keys"):
        assert curl(address, ada).status == 403, address


def test_what_is_revoked_counts_at_once_and_on_open_connections(
    server: SyncServer, authority: Authority, curl: Curl
) -> None:
    lost = authority.person("Lost laptop")
    server.services.database.write_now(lambda c: add_certificate(c, "ada", lost.subject))
    with connection(server, authority, lost.proxy()) as open_one:
        assert asked(open_one) == 200
        authority.revoke(lost)
        assert server.renew_tls() is None
        assert asked(open_one) == 401
    told = curl("api:me", lost)
    assert told.status == 401
    assert "was revoked" in told.body


def test_an_open_connection_ends_with_its_proxy(
    server: SyncServer, authority: Authority, ada: Identity
) -> None:
    proxy = ada.proxy("soon", days=0.01 + 4 / 86400)
    with connection(server, authority, proxy) as open_one:
        assert asked(open_one) == 200
        deadline = time.monotonic() + 60
        while asked(open_one) == 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert asked(open_one) == 401


def test_a_list_that_is_out_of_date_refuses_everybody(
    server: SyncServer, authority: Authority, curl: Curl, ada: Identity
) -> None:
    listed = authority.accepted / f"{authority.hash}.r0"
    try:
        authority.publish("-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z")
        server.renew_tls()
        assert "out of date" in curl("api:me", ada).body
        listed.unlink()
        server.renew_tls()
        assert "There is no list" in curl("api:me", ada).body
        listed.write_text("-----BEGIN X509 CRL-----\nnonsense\n-----END X509 CRL-----\n")
        server.renew_tls()
        assert "There is no list" in curl("api:me", ada).body
    finally:
        authority.publish()
        server.renew_tls()
    assert curl("api:me", ada).status == 200


def test_an_authority_that_is_taken_away_counts_no_more(
    server: SyncServer, authority: Authority, ada: Identity, curl: Curl
) -> None:
    kept = authority.accepted / f"{authority.hash}.0"
    with connection(server, authority, ada) as open_one:
        assert asked(open_one) == 200
        try:
            kept.unlink()
            server.renew_tls()
            assert asked(open_one) == 401
            assert curl("api:me", ada).status in (0, 401)
        finally:
            kept.write_text(authority.own.pem)
            server.renew_tls()
        assert asked(open_one) == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_no_session_is_taken_up_again(
    server: SyncServer, authority: Authority, ada: Identity, version: ssl.TLSVersion
) -> None:
    context = context_of(authority, ada)
    context.maximum_version = version
    session = None
    for _ in range(2):
        with opened(server, context, session) as made:
            assert asked(made) == 200
            assert not made.session_reused
            session = made.session


def context_of(authority: Authority, who: Identity) -> ssl.SSLContext:
    """What connections of somebody are made with."""
    context = ssl.create_default_context(cafile=authority.own.certificate)
    context.load_cert_chain(who.bundle)
    return context


@contextlib.contextmanager
def opened(
    server: SyncServer, context: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> Iterator[ssl.SSLSocket]:
    """A connection that stays, and is ended as TLS has it."""
    port = urlsplit(server.secure_url).port
    with (
        socket.create_connection(("localhost", port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname="localhost", session=session) as made,
    ):
        yield made
        with contextlib.suppress(OSError):
            made.unwrap()


def connection(server: SyncServer, authority: Authority, who: Identity) -> Any:
    """A connection of somebody."""
    return opened(server, context_of(authority, who))


def asked(made: ssl.SSLSocket) -> int:
    """The status of one request on a connection."""
    made.sendall(b"GET /services/sync/api/v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head = b""
    while b"\r\n\r\n" not in head:
        head += made.recv(1)
    fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
    left = int(fields[b"Content-Length"])
    while left:
        left -= len(made.recv(left))
    return int(head.split()[1])
