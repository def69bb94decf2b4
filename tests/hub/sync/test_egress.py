"""This service calls no other that it should not, in whatever way its address is written or led to."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygnet_hub.services.sync.model.egress import EgressPolicy, is_outside, parse_endpoint
from cygnet_hub.services.sync.model.errors import CygnetError, Forbidden
from cygnet_hub.services.sync.service import remote
from cygnet_hub.services.sync.service.remote import Line, Remote, parse_digest
from tests.hub.sync.other_server import Place, copy, dav, other_server, own, serving
from tests.sync_server import SyncServer


@pytest.fixture
def place() -> Iterator[Place]:
    """Another server."""
    with other_server() as running:
        yield running


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """A service that may go anywhere outside, and nowhere inside."""
    with serving(tmp_path_factory.mktemp("strict"), EgressPolicy(hosts=("*",))) as running:
        yield running


INSIDE = (
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "0",
    "localhost",
    "localhost.",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::]",
    "169.254.169.254",
    "[fe80::1]",
    "10.0.0.1",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
)


@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_way_inside(strict: SyncServer, place: Place, host: str, scheme: str) -> None:
    place.files["/a"] = b"secret"
    port = urlsplit(place.url).port
    url = f"{scheme}://{host}:{port}/a"
    own(strict).put(dav(strict, "here"), content=b"1")
    for headers in ({"Source": url}, {"Destination": url}):
        answer = copy(strict, "here", **headers)
        # 502: the machine itself does not know such an address.
        assert answer.status_code in (400, 403, 502), answer.text
        assert answer.status_code != 502 or "does not answer" in answer.text
    assert place.asked == []
    assert place.files == {"/a": b"secret"}


@pytest.mark.parametrize(
    "url",
    [
        "https://good.example@127.0.0.1/a",
        "https://127.0.0.1\\@good.example/a",
        "https://good.example#@127.0.0.1/a",
        "https://good.example:443@127.0.0.1/",
        "https://good.example\t.evil/a",
        "https://good.example/a b",
        "https://göod.example/a",
        "https://good.example:0/",
    ],
)
def test_addresses_that_say_two_things(url: str) -> None:
    with pytest.raises(CygnetError):
        EgressPolicy(hosts=("good.example",)).check(parse_endpoint(url))


@pytest.mark.parametrize(
    ("pattern", "host", "allowed"),
    [
        ("good.example", "good.example", True),
        ("good.example", "good.example:8443", True),
        ("good.example:8443", "good.example:8443", True),
        ("good.example:8443", "good.example", False),
        ("good.example", "good.example.evil.example", False),
        ("good.example", "notgood.example", False),
        ("*.good.example", "a.good.example", True),
        ("*.good.example", "good.example", False),
        ("*.good.example", "evilgood.example", False),
        ("*", "anything.example", True),
        ("[2001:db8::1]:443", "[2001:db8::1]", True),
    ],
)
def test_names_on_the_list(pattern: str, host: str, allowed: bool) -> None:
    endpoint = parse_endpoint(f"https://{host}/x")
    if allowed:
        EgressPolicy(hosts=(pattern,)).check(endpoint)
    else:
        with pytest.raises(Forbidden):
            EgressPolicy(hosts=(pattern,)).check(endpoint)


def test_plain_http_is_for_named_hosts_inside_only() -> None:
    with pytest.raises(Forbidden):
        EgressPolicy(hosts=("a.example",)).check(parse_endpoint("http://a.example/"))
    EgressPolicy(inside=("a.example",)).check(parse_endpoint("http://a.example/"))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "fec0::1",
        "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:a00:1::", "64:ff9b::a00:1", "64:ff9b:1::1",
        "2001:0:1:2::", "::7f00:1", "192.0.2.1", "198.18.0.1", "2001:db8::1", "not an address", "",
    ],
)  # fmt: skip
def test_what_is_inside(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "188.184.9.234", "2001:1458:201::1", "::ffff:8.8.8.8"])
def test_what_is_outside(address: str) -> None:
    assert is_outside(address)


def test_a_name_that_changes_its_mind(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: what was checked is what is called, and one bad address among good ones is enough."""
    answers = [["188.184.9.234"], ["127.0.0.1"]]
    called = []

    def lookup(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, (address, port)) for address in answers.pop(0)]

    class Watched(socket.socket):
        def connect(self, address: tuple[str, int]) -> None:  # type: ignore[override]
            called.append(address)
            raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(remote.socket, "getaddrinfo", lookup)
    monkeypatch.setattr(remote.socket, "socket", Watched)
    far = Remote(EgressPolicy(hosts=("*",)))
    endpoint = far.find("https://rebinding.example/a")
    with pytest.raises(CygnetError):
        far.get(endpoint, {}, Line(10))
    assert called == [("188.184.9.234", 443)]
    with pytest.raises(Forbidden):
        far.get(endpoint, {}, Line(10))
    answers.append(["188.184.9.234", "10.0.0.1"])
    with pytest.raises(Forbidden):
        far.get(endpoint, {}, Line(10))
    assert called == [("188.184.9.234", 443)]


def test_a_redirect_inside(place: Place) -> None:
    """The first server may be inside, but what it sends to may not."""
    place.answers["GET", "/a"] = (302, {"Location": place.url.replace("127.0.0.1", "localhost") + "/b"})
    near = Remote(EgressPolicy(hosts=("*",), inside=("127.0.0.1",)))
    with pytest.raises(Forbidden):
        near.get(near.find(f"{place.url}/a"), {}, Line(10))
    for location in ("file:///etc/passwd", "gopher://127.0.0.1/", "//[", "https://localhost:1/"):
        place.answers["GET", "/a"] = (302, {"Location": location})
        with pytest.raises(CygnetError):
            near.get(near.find(f"{place.url}/a"), {}, Line(10))
    assert [path for _, path, _ in place.asked] == ["/a"] * 5


@given(st.text(max_size=60) | st.text(max_size=30).map("https://".__add__))
def test_whatever_is_called_an_address(url: str) -> None:
    with contextlib.suppress(CygnetError):
        assert parse_endpoint(url).host


@given(st.text(max_size=60) | st.text(alphabet="adler32md5sha-256=,; ", max_size=40))
def test_whatever_is_called_a_digest(header: str) -> None:
    assert all(kind in ("ADLER32", "MD5", "SHA1", "SHA256") for kind in parse_digest(header))


def test_digests() -> None:
    told = parse_digest("adler32=a0b0c0d, md5=q80=,sha=EjQ=;x, unixsum=5")
    assert told == {"ADLER32": "0a0b0c0d", "MD5": "abcd"}
