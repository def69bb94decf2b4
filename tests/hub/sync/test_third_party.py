"""Copies between servers: what arrives is whole or nothing, and nothing is reached that should not be."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cygnet_hub.services.sync.handlers.dav import third_party
from cygnet_hub.services.sync.model.egress import EgressPolicy, is_outside, parse_endpoint
from cygnet_hub.services.sync.model.errors import CygnetError, Forbidden
from cygnet_hub.services.sync.service import remote
from cygnet_hub.services.sync.service.remote import Line, Remote, parse_digest
from tests.hub.sync.api import Api, client, link_token
from tests.hub.sync.dav import set_quota
from tests.sync_server import SyncServer

DATA = bytes(range(256)) * 20_000
NEAR = EgressPolicy(inside=("127.0.0.1", "localhost"))


@dataclass
class Place:
    """A server that does what a test tells it to; `asked` holds method, path and headers of requests."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    answers: dict[tuple[str, str], tuple[int, dict[str, str]]] = field(default_factory=dict)
    #: Bytes after which a GET stops for as long as `stalled` is set, or breaks off.
    cut: int | None = None
    stalled: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    """Answers as its `place` says."""

    protocol_version = "HTTP/1.1"
    place: Place

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def handle_expect_100(self) -> bool:
        return ("PUT", self.path) in self.place.answers or super().handle_expect_100()

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(body[: self.place.cut])
        if self.place.cut is not None and self.path in self.place.files:
            self.cut_off()

    def cut_off(self) -> None:
        self.wfile.flush()
        if self.place.stalled.is_set():
            self.connection.settimeout(60)
            with contextlib.suppress(OSError):
                self.connection.recv(1)
        self.place.gone.set()
        self.close_connection = True

    def asked(self) -> tuple[int, dict[str, str]] | None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.place.asked.append((self.command, self.path, headers))
        return self.place.answers.get((self.command, self.path))

    def do_GET(self) -> None:
        told, data = self.asked(), self.place.files.get(self.path)
        if told is not None:
            self.answer(*told, data or b"")
        elif data is None:
            self.answer(404, {})
        else:
            self.answer(200, {"Digest": f"adler32={zlib.adler32(data):08x}"}, data)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        if told := self.asked():
            self.close_connection = True
            self.answer(*told)
            return
        self.place.files[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201, {})


@pytest.fixture
def place() -> Iterator[Place]:
    """Another server."""
    made = Place()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OfPlace", (Handler,), {"place": made}))
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="place")
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@contextlib.contextmanager
def serving(folder: Path, policy: EgressPolicy) -> Iterator[SyncServer]:
    server = SyncServer(folder)
    server.copies = policy
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """A service that may go to this machine."""
    with serving(tmp_path_factory.mktemp("copies"), NEAR) as running:
        yield running


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """A service that may go anywhere outside, and nowhere inside."""
    with serving(tmp_path_factory.mktemp("strict"), EgressPolicy(hosts=("*",))) as running:
        yield running


def dav(server: SyncServer, path: str) -> str:
    return f"{server.url}/remote.php/dav/files/ada/{path}"


def copy(server: SyncServer, path: str, **headers: str) -> httpx.Response:
    named = {"Credential": "none"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return own(server).request("COPY", dav(server, path), headers=named)


def own(server: SyncServer) -> httpx.Client:
    return client(auth=("ada", server.app_password("ada")))


def pulled(server: SyncServer, path: str, source: str, **headers: str) -> str:
    """The last line of a pull."""
    answer = copy(server, path, Source=source, **headers)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Content-Type"] == "text/perf-marker-stream"
    return answer.text.splitlines()[-1]


def is_there(server: SyncServer, path: str) -> bool:
    return own(server).head(dav(server, path)).status_code == 200


def test_pull(server: SyncServer, place: Place) -> None:
    place.files["/a.root"] = DATA
    answer = copy(
        server, "pulled", Source=f"{place.url}/a.root", TransferHeaderAuthorization="Bearer over-there"
    )
    lines = answer.text.splitlines()
    assert lines[0] == "Perf Marker"
    assert f"\tStripe Bytes Transferred: {len(DATA)}" in lines
    assert lines[-1] == "success: Created"
    assert own(server).get(dav(server, "pulled")).content == DATA
    assert {method for method, *_ in place.asked} == {"HEAD", "GET"}
    for *_, headers in place.asked:
        assert headers["authorization"] == "Bearer over-there"
        assert "cookie" not in headers


def test_a_credential_of_ours_goes_nowhere(server: SyncServer, place: Place) -> None:
    place.files["/a"] = b"1"
    assert pulled(server, "quiet", f"{place.url}/a") == "success: Created"
    assert all("authorization" not in headers for *_, headers in place.asked)


def test_push(server: SyncServer, place: Place) -> None:
    own(server).put(dav(server, "here"), content=DATA)
    answer = copy(server, "here", Destination=f"{place.url}/there", TransferHeaderAuthorization="Bearer x")
    assert answer.status_code == 202
    assert answer.text.splitlines()[-1] == "success: Created"
    assert place.files["/there"] == DATA
    assert [method for method, *_ in place.asked] == ["PUT", "HEAD"]
    assert all(headers["authorization"] == "Bearer x" for *_, headers in place.asked)


def test_an_empty_file(server: SyncServer, place: Place) -> None:
    place.files["/empty"] = b""
    assert pulled(server, "empty", f"{place.url}/empty") == "success: Created"
    assert copy(server, "empty", Destination=f"{place.url}/empty2").text.endswith("success: Created\n")
    assert place.files["/empty2"] == b""


@pytest.mark.parametrize(("status", "expected"), [(404, 404), (403, 403), (401, 403), (500, 502), (416, 502)])
def test_refusals_before_anything_is_sent(
    server: SyncServer, place: Place, status: int, expected: int
) -> None:
    place.files["/a"] = DATA
    place.answers = {("GET", "/a"): (status, {}), ("HEAD", "/a"): (status, {}), ("PUT", "/b"): (status, {})}
    assert copy(server, "never", Source=f"{place.url}/a").status_code == expected
    own(server).put(dav(server, "here"), content=DATA)
    assert copy(server, "here", Destination=f"{place.url}/b").status_code == expected
    assert not is_there(server, "never")
    assert "/b" not in place.files


def test_nobody_there(server: SyncServer) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/a"
        assert copy(server, "never", Source=url).status_code == 502


def test_other_bytes_than_announced(server: SyncServer, place: Place) -> None:
    place.files["/a"] = DATA
    own(server).put(dav(server, "kept"), content=b"old")
    wrong = {"Digest": "adler32=00000001"}
    place.answers = {("GET", "/a"): (200, wrong), ("HEAD", "/a"): (200, wrong)}
    assert pulled(server, "kept", f"{place.url}/a").startswith("failure: The computed checksum does not")
    assert own(server).get(dav(server, "kept")).content == b"old"
    place.answers = {}
    place.cut = 1000
    assert pulled(server, "kept", f"{place.url}/a").startswith("failure: ")
    assert own(server).get(dav(server, "kept")).content == b"old"
    assert not is_there(server, "new")
    assert pulled(server, "new", f"{place.url}/a").startswith("failure: ")
    assert not is_there(server, "new")
    contents = list((server.data / "contents").rglob("*.part"))
    assert contents == []


def test_a_checksum_that_is_wanted(server: SyncServer, place: Place) -> None:
    place.files["/a"] = DATA
    silent: tuple[int, dict[str, str]] = (200, {})
    assert pulled(server, "sure", f"{place.url}/a", RequireChecksumVerification="true").startswith("success")
    place.answers = {("GET", "/a"): silent, ("HEAD", "/a"): silent}
    refused = copy(server, "unsure", Source=f"{place.url}/a", RequireChecksumVerification="true")
    assert refused.status_code == 502
    assert pulled(server, "unsure", f"{place.url}/a", RequireChecksumVerification="false").startswith("succ")


def test_what_arrived_is_compared(server: SyncServer, place: Place) -> None:
    own(server).put(dav(server, "here"), content=DATA)
    place.answers = {("HEAD", "/there"): (200, {"Digest": "adler32=1", "Content-Length": str(len(DATA))})}
    assert "failure: The computed checksum" in copy(server, "here", Destination=f"{place.url}/there").text
    place.answers = {("HEAD", "/there"): (200, {"Content-Length": "5"})}
    answer = copy(server, "here", Destination=f"{place.url}/there")
    assert "failure: The other server did not keep the whole file." in answer.text


def test_overwrite(server: SyncServer, place: Place) -> None:
    place.files["/a"] = DATA
    own(server).put(dav(server, "once"), content=b"old")
    assert copy(server, "once", Source=f"{place.url}/a", Overwrite="F").status_code == 412
    assert own(server).get(dav(server, "once")).content == b"old"
    assert pulled(server, "once", f"{place.url}/a", Overwrite="T").startswith("success")
    assert copy(server, "once", Destination=f"{place.url}/a", Overwrite="F").status_code == 412
    assert [method for method, *_ in place.asked].count("PUT") == 0
    assert copy(server, "once", Destination=f"{place.url}/b", Overwrite="F").text.endswith("Created\n")


def test_quota(server: SyncServer, place: Place) -> None:
    place.files["/a"] = DATA
    set_quota(server, "ada", 1000)
    try:
        assert copy(server, "full", Source=f"{place.url}/a").status_code == 507
    finally:
        set_quota(server, "ada", None)
    assert not is_there(server, "full")


def test_where_there_is_no_folder_or_no_file(server: SyncServer, place: Place) -> None:
    place.files["/a"] = DATA
    assert copy(server, "no/folder", Source=f"{place.url}/a").status_code == 409
    own(server).request("MKCOL", dav(server, "folder"))
    assert copy(server, "folder", Source=f"{place.url}/a").status_code == 405
    assert copy(server, "folder", Destination=f"{place.url}/b").status_code == 405
    assert copy(server, "nothing", Destination=f"{place.url}/b").status_code == 404
    assert place.asked == []


def test_only_who_may(server: SyncServer, place: Place) -> None:
    place.files["/a"] = DATA
    reading = client(auth=("ada", server.app_password("ada", frozenset({"files:read"}))))
    headers = {"Source": f"{place.url}/a"}
    assert reading.request("COPY", dav(server, "mine"), headers=headers).status_code == 403
    assert client().request("COPY", dav(server, "mine"), headers=headers).status_code == 401
    bob = client(auth=("bob", server.app_password("bob")))
    assert bob.request("COPY", dav(server, "mine"), headers=headers).status_code == 403
    assert place.asked == []


def test_not_by_a_public_link(server: SyncServer, place: Place) -> None:
    place.files["/a"] = DATA
    ada = Api(server, "ada")
    ada("POST", "folders", {"path": "/dropped"}, 201)
    token = link_token(ada.share("/dropped", kind="link", permissions=15))
    url = f"{server.url}/public.php/dav/files/{token}/a"
    for headers in ({"Source": f"{place.url}/a"}, {"Destination": f"{place.url}/b"}):
        assert client().request("COPY", url, headers=headers).status_code == 403
    assert place.asked == []


names = st.sampled_from(
    ["Source", "Destination", "Overwrite", "Credential", "Depth", "If", "X-OC-Mtime", "TransferHeaderX"]
) | st.sampled_from(["RequireChecksumVerification", "TransferHeader", "TransferHeaderHost", "If-None-Match"])
values = st.sampled_from(
    [
        "",
        "none",
        "T",
        "F",
        "true",
        "0",
        "infinity",
        "nan",
        "*",
        "(<x>)",
        "http://127.0.0.1:1/a",
        "//",
        "https://",
    ]
) | st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=20)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(names, values, max_size=5))
def test_no_copy_is_answered_with_a_500(server: SyncServer, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    try:
        path = urlsplit(dav(server, "fuzz")).path
        connection.request("COPY", path, headers={"Authorization": basic(server).encode(), **sent})
        answer = connection.getresponse()
        assert answer.status not in (500, 202), (headers, answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Source": "https://a/b", "Destination": "https://a/b"},
        {"Source": "file:///etc/passwd"},
        {"Source": "/a"},
        {"Source": "https://"},
        {"Source": "https://a:99999/b"},
        {"Source": "https://[::1/b"},
        {"Source": "http://127.0.0.1/a", "TransferHeaderHost": "x"},
        {"Source": "http://127.0.0.1/a", "TransferHeaderContent-Length": "1"},
        {"Source": "http://127.0.0.1/a", "TransferHeader": "1"},
        {"Source": "http://127.0.0.1/a", "Overwrite": "maybe"},
    ],
)
def test_requests_that_make_no_sense(server: SyncServer, headers: dict[str, str]) -> None:
    assert own(server).request("COPY", dav(server, "x"), headers=headers).status_code == 400


def test_credentials_are_not_delegated(server: SyncServer, place: Place) -> None:
    assert copy(server, "x", Source=f"{place.url}/a", Credential="gridsite").status_code == 501


def test_redirects(server: SyncServer, place: Place) -> None:
    place.files["/end"] = DATA
    other = place.url.replace("127.0.0.1", "localhost")
    for method in ("GET", "HEAD"):
        place.answers[method, "/same"] = (302, {"Location": "/end"})
        place.answers[method, "/other"] = (307, {"Location": f"{other}/end"})
        place.answers[method, "/round"] = (302, {"Location": "/round"})
    place.answers["PUT", "/put"] = (307, {"Location": f"{other}/put2?token=1"})
    token = {"TransferHeaderAuthorization": "Bearer x"}
    assert pulled(server, "same", f"{place.url}/same", **token).startswith("success")
    assert all("authorization" in headers for *_, headers in place.asked)
    place.asked.clear()
    assert pulled(server, "other", f"{place.url}/other", **token).startswith("success")
    assert {path: "authorization" in headers for _, path, headers in place.asked} == {
        "/other": True,
        "/end": False,
    }
    assert copy(server, "never", Source=f"{place.url}/round").status_code == 502
    assert copy(server, "other", Destination=f"{place.url}/put", **token).text.endswith("Created\n")
    assert place.files["/put2?token=1"] == DATA


def test_when_the_client_goes_the_copy_ends(server: SyncServer, place: Place) -> None:
    place.files["/slow"] = DATA
    place.cut = 100_000
    place.stalled.set()
    auth = own(server).build_request("GET", "http://x").headers
    request = {"Source": f"{place.url}/slow", "Authorization": basic(server)} | {
        "User-Agent": auth["user-agent"]
    }
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    connection.request("COPY", urlsplit(dav(server, "slow")).path, headers=request)
    answer = connection.getresponse()
    assert answer.status == 202
    assert answer.readline() == b"Perf Marker\n"
    answer.close()
    connection.close()
    assert place.gone.wait(60), "the other server's connection is closed"
    await_idle(server)
    assert not is_there(server, "slow")
    assert list((server.data / "contents").rglob("*.part")) == []


def basic(server: SyncServer) -> str:
    return str(httpx.BasicAuth("ada", server.app_password("ada"))._auth_header)


def await_idle(server: SyncServer) -> None:
    deadline = time.monotonic() + 60
    while server.services.third_party._lines and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.services.third_party._lines == {}


def test_markers_while_it_goes_on(server: SyncServer, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(third_party, "MARKER_SECONDS", 0.02)
    monkeypatch.setattr(remote, "IDLE", 1.0)
    place.files["/slow"] = DATA
    place.cut = 2 << 20
    place.stalled.set()
    answer = copy(server, "slow", Source=f"{place.url}/slow")
    assert answer.text.count("Perf Marker") > 5
    assert f"Stripe Bytes Transferred: {2 << 20}\n" in answer.text
    assert answer.text.splitlines()[-1].startswith("failure: ")


def test_not_too_many_at_a_time(server: SyncServer, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.files["/a"] = b"1"
    monkeypatch.setattr("cygnet_hub.services.sync.service.third_party.MOST_EACH", 0)
    answer = copy(server, "many", Source=f"{place.url}/a")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_without_hosts_there_are_no_copies(tmp_path: Path, place: Place) -> None:
    place.files["/a"] = b"1"
    with serving(tmp_path, EgressPolicy()) as server:
        assert copy(server, "x", Source=f"{place.url}/a").status_code == 403
        assert copy(server, "x", Destination=f"{place.url}/a").status_code == 400
    assert place.asked == []


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
