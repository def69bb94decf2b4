"""Copies between servers: what arrives is whole or nothing, and nothing is reached that should not be."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cygnet_hub.services.sync.handlers.dav import third_party
from cygnet_hub.services.sync.model.egress import EgressPolicy
from cygnet_hub.services.sync.service import remote
from tests.hub.sync.api import Api, client, link_token
from tests.hub.sync.dav import set_quota
from tests.hub.sync.other_server import Place, copy, dav, other_server, own, serving
from tests.sync_server import SyncServer

DATA = bytes(range(256)) * 20_000
NEAR = EgressPolicy(inside=("127.0.0.1", "localhost"))


@pytest.fixture
def place() -> Iterator[Place]:
    """Another server."""
    with other_server() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """A service that may go to this machine."""
    with serving(tmp_path_factory.mktemp("copies"), NEAR) as running:
        yield running


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
