"""Files by WebDAV, as clients see them."""

from __future__ import annotations

import hashlib
import http.client
import socket
import time
import zlib
from pathlib import Path

import pytest

from tests.hub.sync.dav import Dav, set_quota
from tests.sync_server import SyncServer


@pytest.fixture
def home(server: SyncServer, request: pytest.FixtureRequest) -> Dav:
    """A fresh folder of Ada's as the root of the tree that the test sees."""
    name = f"t{abs(hash(request.node.name)):x}"
    dav = Dav(server, "ada")
    assert dav("MKCOL", f"/{name}").status == 201
    return Dav(server, "ada", f"/remote.php/dav/files/ada/{name}")


def test_what_is_put_is_got_back_with_its_checksums(home: Dav) -> None:
    data = b"hello" * 1000
    answer = home.put("/a b", data, X_OC_Mtime="1234567890")
    assert (answer.status, answer.headers["X-OC-MTime"]) == (201, "accepted")
    got = home("GET", "/a b")
    sums = f"SHA1:{hashlib.sha1(data).hexdigest()} MD5:{hashlib.md5(data).hexdigest()}"
    assert got.body == data
    assert got.etag == answer.etag
    assert got.headers["OC-Checksum"] == f"{sums} ADLER32:{zlib.adler32(data):08x}"
    assert got.headers["Last-Modified"] == "Fri, 13 Feb 2009 23:31:30 GMT"


def test_an_empty_file_is_a_file(home: Dav) -> None:
    assert home.put("/empty", b"").status == 201
    assert home.get("/empty") == b""
    assert home.list("/")["/empty"]["getcontentlength"] == "0"


def test_overwriting_says_204_and_gives_another_etag(home: Dav) -> None:
    first = home.put("/f", "one")
    second = home.put("/f", "two")
    assert (first.status, second.status) == (201, 204)
    assert first.etag != second.etag
    assert first.headers["OC-FileId"] == second.headers["OC-FileId"]


def test_a_wrong_checksum_is_refused_in_the_words_of_the_dialect(home: Dav) -> None:
    home.put("/f", "old")
    answer = home.put("/f", "new", OC_Checksum="SHA1:" + "0" * 40)
    assert answer.status == 400
    assert answer.message.startswith("The computed checksum does not match")
    assert home.get("/f") == b"old"


def test_uploads_in_parts_of_the_first_kind_are_refused(home: Dav) -> None:
    assert home.put("/f-chunking-1-2-0", "x", OC_Chunked="1").status == 501
    assert home.list("/").keys() == {"/"}


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_body_that_is_cut_off_changes_nothing(home: Dav, overwrite: bool) -> None:
    if overwrite:
        home.put("/f", "old")
    host, port = home.host.split(":")
    head = f"PUT {home.url('/f')} HTTP/1.1\r\nHost: {home.host}\r\nContent-Length: 3000000\r\n"
    head += f"Authorization: {home.headers['Authorization']}\r\n\r\n"
    with socket.create_connection((host, int(port))) as stream:
        stream.sendall(head.encode() + b"x" * 2_000_000)
    time.sleep(0.3)
    assert [path for path in home.list("/") if path != "/"] == (["/f"] if overwrite else [])
    if overwrite:
        assert home.get("/f") == b"old"


def test_nothing_of_a_cut_off_body_stays_in_the_storage(server: SyncServer, home: Dav) -> None:
    host, port = home.host.split(":")
    head = f"PUT {home.url('/f')} HTTP/1.1\r\nHost: {home.host}\r\nContent-Length: 3000000\r\n"
    head += f"Authorization: {home.headers['Authorization']}\r\n\r\n"
    with socket.create_connection((host, int(port))) as stream:
        stream.sendall(head.encode() + b"x" * 2_000_000)
    time.sleep(0.5)
    assert list(Path(server.data, "contents").rglob("*.part")) == []


def test_a_body_of_unknown_length_is_stored(home: Dav) -> None:
    connection = http.client.HTTPConnection(home.host, timeout=20)
    connection.request(
        "PUT", home.url("/f"), iter([b"a" * 70_000, b"b" * 70_000]), home.headers, encode_chunked=True
    )
    assert connection.getresponse().status == 201
    connection.close()
    assert home.get("/f") == b"a" * 70_000 + b"b" * 70_000


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x" * 256, "256 bytes"),
        ("..", "not a name"),
        ("%2e%2e", "not a name"),
        ("a%00b", "NUL"),
        ("a%2Fb", "slash"),
        ("%ff%fe", "UTF-8"),
        ("%C3%A9" * 128, "256 bytes"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "MKCOL", "PROPFIND", "GET", "DELETE"])
def test_a_name_that_cannot_be_is_named_in_the_error(home: Dav, method: str, name: str, words: str) -> None:
    answer = home.raw(method, f"{home.root}/{name}")
    assert answer.status == 400
    assert words in answer.message


@pytest.mark.parametrize("destination", ["/x%2fy", "/../x", "/%ff"])
def test_a_destination_that_cannot_be_is_refused(home: Dav, destination: str) -> None:
    home.put("/f", "x")
    assert home("MOVE", "/f", Destination=home.root + destination).status == 400
    assert home.get("/f") == b"x"


def test_a_destination_on_another_server_is_refused(home: Dav) -> None:
    home.put("/f", "x")
    for method in ("MOVE", "COPY"):
        assert home(method, "/f", Destination=f"http://evil.example{home.root}/g").status == 400


def test_names_of_every_legal_byte_come_back_as_they_were(home: Dav) -> None:
    names = ["ü ñ#%&+;=?@[]", "日本語", "a\nb", "e\u0301", "'\"<>&", "-", "..."]
    for name in names:
        assert home.put(f"/{name}", name.encode()).status == 201, name
    assert {path[1:] for path in home.list("/") if path != "/"} == set(names)
    assert [home.get(f"/{name}") for name in names] == [name.encode() for name in names]


def test_the_same_letters_are_the_same_name(home: Dav) -> None:
    home.put("/e\u0301", "one")
    assert home.put("/\u00e9", "two").status == 204
    assert set(home.list("/")) == {"/", "/e\u0301"}
    assert home.get("/\u00e9") == b"two"


def test_etags_change_up_to_the_root_and_nowhere_else(home: Dav) -> None:
    for folder in ("/a", "/a/b", "/c"):
        home("MKCOL", folder)
    before = home.list("/") | home.list("/a")
    home.put("/a/b/f", "x")
    after = home.list("/") | home.list("/a")
    changed = {path for path in before if before[path]["getetag"] != after[path]["getetag"]}
    assert changed == {"/", "/a", "/a/b"}


def test_a_move_keeps_etag_and_id_of_a_file(home: Dav) -> None:
    home("MKCOL", "/d")
    put = home.put("/f", "x")
    moved = home("MOVE", "/f", Destination=home.url("/d/g"))
    assert (moved.status, moved.etag, moved.headers["OC-FileId"]) == (201, put.etag, put.headers["OC-FileId"])


def test_a_file_moved_onto_another_takes_its_place_and_keeps_its_identity(home: Dav) -> None:
    old = home.put("/notebook", "old")
    new = home.put("/.tmp", "new")
    assert home("MOVE", "/.tmp", Destination=home.url("/notebook"), Overwrite="F").status == 412
    moved = home("MOVE", "/.tmp", Destination=home.url("/notebook"))
    assert (moved.status, moved.etag, moved.headers["OC-FileId"]) == (204, new.etag, old.headers["OC-FileId"])
    assert home.get("/notebook") == b"new"
    assert "/.tmp" not in home.list("/")


def test_a_copy_is_independent(home: Dav) -> None:
    home("MKCOL", "/d")
    home.put("/d/f", "x")
    assert home("COPY", "/d", Destination=home.url("/e")).status == 201
    home.put("/d/f", "changed")
    assert home.get("/e/f") == b"x"
    assert home("COPY", "/d", Destination=home.url("/empty"), Depth="0").status == 201
    assert set(home.list("/empty")) == {"/empty"}


def test_a_folder_cannot_go_into_itself(home: Dav) -> None:
    home("MKCOL", "/d")
    for method in ("MOVE", "COPY"):
        assert home(method, "/d", Destination=home.url("/d/e")).status in (403, 409)


def test_sizes_of_folders_are_the_sums_of_what_is_in_them(home: Dav) -> None:
    props = '<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:size/></d:prop></d:propfind>'
    home("MKCOL", "/d")
    home.put("/d/f", b"x" * 10)
    home.put("/d/f", b"x" * 7)
    home("COPY", "/d", Destination=home.url("/e"))
    home("DELETE", "/d/f")
    assert {path: values["size"] for path, values in home.list("/", props=props).items()} == {
        "/": "7",
        "/d": "0",
        "/e": "7",
    }


def test_lost_updates_are_refused(home: Dav) -> None:
    first = home.put("/f", "one")
    home.put("/f", "two")
    assert home.put("/f", "three", If_Match=first.etag).status == 412
    assert home.put("/f", "three", If_None_Match="*").status == 412
    assert home.put("/new", "x", If_Match="*").status == 412
    condition = f"<{home.url('/f')}> ([{first.etag}])"
    assert home.put("/f", "three", If=condition).status == 412
    assert home("DELETE", "/f", If_Match=first.etag).status == 412
    assert home.get("/f") == b"two"
    current = home.etag("/f")
    assert home.put("/f", "three", If=f"<{home.url('/f')}> ([{current}])").status == 204


def test_ranges(home: Dav) -> None:
    data = bytes(range(256)) * 8192
    home.put("/f", data)
    assert home("GET", "/f", Range="bytes=5-9").body == data[5:10]
    assert home("GET", "/f", Range="bytes=-3").body == data[-3:]
    assert home("GET", "/f", Range=f"bytes={len(data)}-").status == 416
    many = home("GET", "/f", Range="bytes=0-0,1000000-1000003")
    assert many.status == 206
    assert many.headers["Content-Type"].startswith("multipart/byteranges")
    assert data[1000000:1000004] in many.body
    assert home("GET", "/f", If_None_Match=home.etag("/f")).status == 304


def test_a_listing_of_a_whole_tree_is_refused(home: Dav) -> None:
    answer = home("PROPFIND", "/", Depth="infinity")
    assert answer.status == 403
    assert b"propfind-finite-depth" in answer.body


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE a [<!ENTITY b 'c'>]><d:propfind xmlns:d='DAV:'><d:allprop/></d:propfind>",
        "<d:propfind xmlns:d='DAV:'>",
        "<d:propfind xmlns:d='DAV:'><d:prop>" + "<a>" * 50 + "</a>" * 50 + "</d:prop></d:propfind>",
        "<d:propfind xmlns:d='DAV:'><d:prop>" + "<a/>" * 500 + "</d:prop></d:propfind>",
    ],
)
def test_dangerous_xml_is_refused(home: Dav, body: str) -> None:
    assert home("PROPFIND", "/", body, Depth="0").status == 400


def test_stray_text_between_elements_is_no_error(home: Dav) -> None:
    body = '<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop>M</d:propfind>'
    assert home("PROPFIND", "/", body, Depth="0").status == 207


def test_other_peoples_files_are_closed(server: SyncServer, home: Dav) -> None:
    home.put("/f", "secret")
    bob = Dav(server, "bob")
    for method in ("GET", "PUT", "PROPFIND", "DELETE", "MKCOL"):
        assert bob.raw(method, home.url("/f")).status == 403
    assert home.get("/f") == b"secret"


def test_without_a_password_nothing_is_told(home: Dav) -> None:
    home.headers = {}
    answer = home("PROPFIND", "/")
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_locked_file_is_changed_by_its_holder_only(server: SyncServer, home: Dav) -> None:
    home.put("/f", "x")
    body = '<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope>'
    body += "<d:locktype><d:write/></d:locktype></d:lockinfo>"
    lock = home("LOCK", "/f", body, Depth="0", Timeout="Second-60")
    token = lock.headers["Lock-Token"]
    assert home.put("/f", "y").status == 423
    assert home("DELETE", "/").status == 423
    assert home.put("/f", "y", If=f"({token})").status == 204
    assert home("UNLOCK", "/f", Lock_Token=token).status == 204
    assert home.put("/f", "z").status == 204


def test_a_full_space_takes_nothing(server: SyncServer) -> None:
    dav = Dav(server, "bob")
    assert dav.put("/f", "x").status == 201
    set_quota(server, "bob", 10)
    answer = dav.put("/g", b"x" * 10)
    assert answer.status == 507
    assert "room" in answer.message
    assert dav.put("/f", b"x" * 11).status == 507
    assert dav.put("/f", b"x" * 10).status == 204
    assert dav("COPY", "/f", Destination=dav.url("/h")).status == 507
    assert dav("MKCOL", "/d").status == 507
    assert dav.put("/f", b"").status == 204
    assert [path for path in dav.list("/") if path != "/"] == ["/f"]
    set_quota(server, "bob", 0)
    assert dav.put("/new", b"").status == 507
    set_quota(server, "bob", None)


def test_segments_that_mean_nothing_are_left_out(ada: Dav) -> None:
    assert ada.raw("PUT", f"{ada.root}/./a:z", b"colon").status == 201
    assert ada.get("/a:z") == b"colon"
    assert ada.raw("GET", f"{ada.root}/././a:z").body == b"colon"
    for wrong in ("/.", "/../a:z", "/%2e/a:z", "/x/."):
        assert ada.raw("GET", f"{ada.root}{wrong}").status == 400
