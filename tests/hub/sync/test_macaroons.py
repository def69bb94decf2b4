"""Macaroons are good for what their caveats say, never for more than the credential that made them."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygnet_hub.services.sync.model.errors import BadRequest, CygnetError
from cygnet_hub.services.sync.model.macaroon import BadMacaroon, Macaroon
from cygnet_hub.services.sync.service.macaroons import Limits, parse_duration
from tests.hub.sync.api import client
from tests.sync_server import SyncServer, sync_server

SECRET = b"this is our super secret key; only we should know it"


def test_the_vectors_of_libmacaroons() -> None:
    made = Macaroon.make("http://mybank/", b"we used our secret key", SECRET)
    assert made.signature.hex() == "e3d9e02908526c4c0039ae15114115d97fdd68bf2ba379b342aaf0f617d0552f"
    made = made.limited("test = caveat")
    assert made.signature.hex() == "197bac7a044af33332865b9266e26d493bdd668a660e44d88ce1a998c23dbd67"
    assert made.serialize() == (
        "MDAxY2xvY2F0aW9uIGh0dHA6Ly9teWJhbmsvCjAwMjZpZGVudGlmaWVyIHdlIHVzZWQgb3VyIHNlY3JldCBrZXkK"
        "MDAxNmNpZCB0ZXN0ID0gY2F2ZWF0CjAwMmZzaWduYXR1cmUgGXusegRK8zMyhluSZuJtSTvdZopmDkTYjOGpmMI9vWcK"
    )
    assert Macaroon.parse(made.serialize()) == made
    assert made.is_signed_with(SECRET)
    assert not made.is_signed_with(b"another")


@given(st.text(max_size=80) | st.binary(max_size=200).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_what_is_no_macaroon(text: str) -> None:
    with contextlib.suppress(BadMacaroon):
        Macaroon.parse(text)


packets = st.lists(
    st.sampled_from(
        [b"0010location a\n", b"0013identifier a\n", b"000acid a\n", b"002fsignature " + b"s" * 32 + b"\n"]
    )
    | st.sampled_from(
        [b"-010location -016x\n", b"0000", b" 00f", b"+00fcid a\n", b"000evid aaaaa\n", b"ffffcid a\n"]
    )
    | st.binary(max_size=20),
    max_size=6,
).map(b"".join)


@given(packets)
def test_lengths_that_lie(raw: bytes) -> None:
    with contextlib.suppress(BadMacaroon):
        found = Macaroon.parse(base64.urlsafe_b64encode(raw).decode())
        assert not found.is_signed_with(SECRET)


@given(
    st.text(max_size=40)
    | st.text(max_size=20).map("path:".__add__)
    | st.text(max_size=20).map("before:".__add__)
)
def test_a_caveat_never_widens(caveat: str) -> None:
    start = Limits("/a/b", frozenset({"DOWNLOAD"}), 100.0)
    with contextlib.suppress(CygnetError):
        found = start.limited(caveat)
        assert found.path is None or found.path == "/a/b" or found.path.startswith("/a/b/")
        assert found.activities <= start.activities
        assert found.before <= start.before


def test_places_that_have_nothing_in_common() -> None:
    assert Limits("/a").limited("path:/b").path is None
    assert Limits("/a").limited("path:/b").limited("path:/a").path is None
    assert Limits("/a").limited("path:/").limited("path:/a/c").path == "/a/c"


@pytest.mark.parametrize(
    ("text", "seconds"), [("PT180M", 10800), ("P1DT2H3M4S", 93784), ("PT1S", 1), ("P7D", 604800), ("PT0S", 0)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "1H", "P1Y", "PT-1M", "pt1m", "PT1M ", "PT٣M", "P1DT", "PT" + "9" * 60 + "M"]
)
def test_no_durations(text: str) -> None:
    with pytest.raises(BadRequest):
        parse_duration(text)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """A service with some files of Ada's."""
    with sync_server(tmp_path_factory.mktemp("macaroons")) as running:
        http = client(auth=("ada", running.app_password("ada")))
        for path in ("data", "data/in", "data/out", "data/indeed", "private"):
            assert http.request("MKCOL", dav(running, path)).status_code == 201
        for path in ("data/in/a.root", "data/indeed/x", "private/diary.txt"):
            assert http.put(dav(running, path), content=b"0123456789").status_code == 201
        yield running


#: A PROPFIND for one property, as sync clients send it.
NAMED = b'<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop></d:propfind>'


def dav(server: SyncServer, path: str) -> str:
    return f"{server.url}/remote.php/dav/files/ada/{path}"


def ask(server: SyncServer, path: str, secret: str = "", **asked: Any) -> httpx.Response:
    """Ask for a macaroon as gfal2 does."""
    return client(auth=("ada", secret or server.app_password("ada"))).post(
        dav(server, path), headers={"Content-Type": "application/macaroon-request"}, json=asked
    )


def macaroon(server: SyncServer, path: str, *caveats: str, secret: str = "") -> str:
    answer = ask(server, path, secret, caveats=list(caveats), validity="PT10M")
    assert answer.status_code == 200, answer.text
    assert 590 < answer.json()["expires_in"] <= 600
    return str(answer.json()["macaroon"])


def holding(token: str) -> httpx.Client:
    return client(headers={"Authorization": f"Bearer {token}"})


def test_reading_one_file(server: SyncServer) -> None:
    job = holding(macaroon(server, "data/in/a.root", "activity:DOWNLOAD,LIST"))
    assert job.get(dav(server, "data/in/a.root")).content == b"0123456789"
    assert job.request("PROPFIND", dav(server, "data/in/a.root"), headers={"Depth": "0"}).status_code == 207
    assert job.put(dav(server, "data/in/a.root"), content=b"1").status_code == 403
    assert job.delete(dav(server, "data/in/a.root")).status_code == 403
    for path in ("data/in/a.root.2", "data/indeed/x", "private/diary.txt", "private/not-there", "private"):
        assert job.get(dav(server, path)).status_code == 403, path
        assert job.request("PROPFIND", dav(server, path), headers={"Depth": "0"}).status_code == 403, path


def test_of_the_folders_above_only_that_they_are_there(server: SyncServer) -> None:
    job = holding(macaroon(server, "data/in/a.root", "activity:DOWNLOAD,LIST"))
    for path in ("data/in", "data", ""):
        assert job.request("PROPFIND", dav(server, path), headers={"Depth": "0"}).status_code == 207, path
        assert job.request("PROPFIND", dav(server, path), headers={"Depth": "1"}).status_code == 403, path
        assert job.get(f"{server.url}/api/v1/files", params={"path": f"/{path}"}).status_code == 403, path
        assert job.get(dav(server, path)).status_code == 403, path
        assert job.delete(dav(server, path)).status_code == 403, path
    reader = holding(macaroon(server, "data/in/a.root", "activity:DOWNLOAD"))
    assert reader.request("PROPFIND", dav(server, "data"), headers={"Depth": "0"}).status_code == 403


def test_listing_is_not_reading(server: SyncServer) -> None:
    job = holding(macaroon(server, "data", "activity:LIST"))
    for asked in (b"", NAMED):
        listed = job.request("PROPFIND", dav(server, "data/in"), headers={"Depth": "1"}, content=asked)
        assert b"a.root" in listed.content
    assert job.get(dav(server, "data/in/a.root")).status_code == 403
    assert job.get(f"{server.url}/api/v1/content", params={"path": "/data/in/a.root"}).status_code == 403
    reader = holding(macaroon(server, "data", "activity:DOWNLOAD"))
    assert reader.get(dav(server, "data/in/a.root")).status_code == 200
    assert reader.request("PROPFIND", dav(server, "data/in"), headers={"Depth": "1"}).status_code == 403


def test_one_new_file_and_the_folders_that_it_needs(server: SyncServer) -> None:
    job = holding(macaroon(server, "data/out/run1/step2/new.root", "activity:UPLOAD,MANAGE"))
    for path in ("data/out/other", "data/out/run1x"):
        assert job.request("MKCOL", dav(server, path)).status_code == 403, path
    assert job.request("MKCOL", dav(server, "data/out/run1")).status_code == 201
    assert job.request("MKCOL", dav(server, "data/out/run1/step2")).status_code == 201
    assert job.put(dav(server, "data/out/run1/file"), content=b"1").status_code == 403
    assert job.put(dav(server, "data/out/run1/step2/new.root"), content=b"1").status_code == 201
    assert job.get(dav(server, "data/out/run1/step2/new.root")).status_code == 403
    assert job.delete(dav(server, "data/out/run1/step2/new.root")).status_code == 403


def test_whoever_holds_one_can_narrow_it(server: SyncServer) -> None:
    wide = Macaroon.parse(macaroon(server, "data"))
    narrow = wide.limited("path:/data/in").limited("activity:DOWNLOAD")
    job = holding(narrow.serialize())
    assert job.get(dav(server, "data/in/a.root")).status_code == 200
    assert job.get(dav(server, "data/indeed/x")).status_code == 403
    assert job.delete(dav(server, "data/in/a.root")).status_code == 403
    for wider in ("path:/", "activity:DELETE,DOWNLOAD"):
        job = holding(narrow.limited(wider).serialize())
        assert job.delete(dav(server, "data/in/a.root")).status_code == 403, wider
    nowhere = holding(narrow.limited("path:/private").serialize())
    assert nowhere.get(dav(server, "private/diary.txt")).status_code == 403
    assert nowhere.get(dav(server, "data/in/a.root")).status_code == 403


@pytest.mark.parametrize(
    "caveat",
    [
        "before:2020-01-01T00:00:00Z",
        "before:2030-01-01T00:00:00",
        "ip:1.2.3.4",
        "path:/a/../b",
        "activity:EVERYTHING",
        "",
    ],
)
def test_caveats_that_do_not_hold_or_are_not_known(server: SyncServer, caveat: str) -> None:
    whole = Macaroon.parse(macaroon(server, "data"))
    answer = holding(whole.limited(caveat).serialize()).get(dav(server, "data/in/a.root"))
    assert answer.status_code == 401
    assert ask(server, "data", caveats=[caveat]).status_code == 400


def test_forged_ones(server: SyncServer) -> None:
    real = Macaroon.parse(macaroon(server, "data/in", "activity:LIST"))
    stripped = Macaroon(real.location, real.identifier, real.signature, real.caveats[:1])
    swapped = Macaroon(real.location, real.identifier, real.signature, (b"path:/", *real.caveats[1:]))
    another = Macaroon.make(real.location, real.identifier.replace(b"app", b"APP"), SECRET)
    for forged in (stripped, swapped, another):
        assert holding(forged.serialize()).get(dav(server, "data/in/a.root")).status_code == 401


def test_it_ends_with_the_password_that_made_it(server: SyncServer) -> None:
    person = client(headers={"Authorization": "Bearer hub-token-of-ada"})
    made = person.post(f"{server.url}/api/v1/app-passwords", json={"label": "gfal"}).json()
    job = holding(macaroon(server, "data", secret=made["password"]))
    assert job.get(dav(server, "data/in/a.root")).status_code == 200
    person.delete(f"{server.url}/api/v1/app-passwords/{made['id']}")
    assert job.get(dav(server, "data/in/a.root")).status_code == 401


def test_it_can_do_no_more_than_what_made_it(server: SyncServer) -> None:
    reading = server.app_password("ada", frozenset({"files:read"}))
    job = holding(macaroon(server, "data", secret=reading))
    assert job.get(dav(server, "data/in/a.root")).status_code == 200
    assert job.put(dav(server, "data/in/a.root"), content=b"1").status_code == 403
    assert job.request("MKCOL", dav(server, "data/more")).status_code == 403


def test_what_makes_none(server: SyncServer) -> None:
    body = {"content": "{}", "headers": {"Content-Type": "application/macaroon-request"}}
    job = holding(macaroon(server, "data"))
    assert job.post(dav(server, "data"), **body).status_code == 403
    # A token of the hub may be revoked there, and nobody here would hear of it.
    assert holding("hub-token-of-ada").post(dav(server, "data"), **body).status_code == 403
    assert client().post(dav(server, "data"), **body).status_code == 401
    bob = client(auth=("bob", server.app_password("bob")))
    assert bob.post(dav(server, "data"), **body).status_code == 403


def test_what_is_not_about_files_of_its_place_is_refused(server: SyncServer) -> None:
    job = holding(macaroon(server, ""))
    for path in ("changes", "trash", "shares?view=by-me", "app-passwords", "keys", "people?q=a"):
        assert job.get(f"{server.url}/api/v1/{path}").status_code in (403, 404), path
    somewhere = holding(macaroon(server, "data"))
    assert somewhere.get(f"{server.url}/api/v1/search?q=diary").status_code == 403
    assert job.post(f"{server.url}/api/v1/keys", json={}).status_code == 403
    sts = {"Action": "AssumeRoleWithWebIdentity", "WebIdentityToken": macaroon(server, "")}
    assert job.post(server.s3, data=sts, headers={"Authorization": ""}).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"caveats": "activity:LIST"}',
        b'{"caveats": [1]}',
        b'{"validity": 5}',
        b"\xff",
        b"{" * 999,
    ],
)
def test_requests_that_cannot_be_read(server: SyncServer, body: bytes) -> None:
    http = client(auth=("ada", server.app_password("ada")))
    headers = {"Content-Type": "application/macaroon-request"}
    assert http.post(dav(server, "data"), headers=headers, content=body).status_code == 400


def test_a_day_at_most(server: SyncServer) -> None:
    assert ask(server, "data", validity="P30D").json()["expires_in"] in (86399, 86400)
    assert ask(server, "data").json()["expires_in"] in (3599, 3600)
    assert ask(server, "data", validity="PT0S").status_code == 400


def test_in_time_it_ends(server: SyncServer) -> None:
    token = macaroon(server, "data")
    macaroons = server.services.macaroons
    later = time.time() + 700
    macaroons._clock, before = lambda: later, macaroons._clock
    try:
        assert holding(token).get(dav(server, "data/in/a.root")).status_code == 401
    finally:
        macaroons._clock = before


def test_the_token_endpoint(server: SyncServer) -> None:
    told = client().get(f"{server.url}/.well-known/oauth-authorization-server").json()
    http = client(auth=("ada", server.app_password("ada")))
    place = f"{server.url}/remote.php/dav/files/ada/data/in".partition("/services")[2]
    form = {
        "grant_type": "client_credentials",
        "expire_in": "600",
        "scopes": f"LIST:/services{place} DOWNLOAD:/services{place}",
    }
    answer = http.post(told["token_endpoint"], data=form)
    assert answer.status_code == 200, answer.text
    job = holding(answer.json()["access_token"])
    assert job.get(dav(server, "data/in/a.root")).status_code == 200
    assert job.get(dav(server, "private/diary.txt")).status_code == 403
    for wrong in (
        {"grant_type": "password"},
        {"scopes": ""},
        {"scopes": "LIST:/a DOWNLOAD:/b"},
        {"expire_in": "x"},
    ):
        assert http.post(told["token_endpoint"], data=form | wrong).status_code in (400, 404), wrong
