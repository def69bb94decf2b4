"""Bearer tokens of the grid are good for what they say, where they say it, and for nothing else."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from cygnet_hub.services.sync.model.errors import BadRequest
from cygnet_hub.services.sync.model.issuers import TokenPolicy
from cygnet_hub.services.sync.service.grid_tokens import grants
from tests.hub.sync.api import client
from tests.hub.sync.issuer import Issuer, issuer
from tests.sync_server import SyncServer, sync_server

POLICY = """
audience = ["https://cygnet.example.org"]

[[issuer]]
url = "{url}/"
account = "ada"
folder = "/grid"
subjects = {{ "emmy-at-her-institute" = "student" }}
groups = {{ "/lab" = "storage.read:/in", "/lab/production" = "storage.read:/in storage.modify:/out" }}
"""


@pytest.fixture(scope="module")
def iam() -> Iterator[Issuer]:
    """The issuer that the service knows."""
    with issuer() as running:
        yield running


@pytest.fixture(scope="module")
def server(iam: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """A service that takes its tokens."""
    data = tmp_path_factory.mktemp("grid")
    (data / "token-issuers.toml").write_text(POLICY.format(url=iam.url))
    with sync_server(data) as running:
        http = client(auth=("ada", running.app_password("ada")))
        for path in ("grid", "grid/in", "grid/out", "private"):
            assert http.request("MKCOL", dav(running, path)).status_code == 201
        for path in ("grid/in/a.root", "grid/in/b.root", "private/diary.txt"):
            assert http.put(dav(running, path), content=b"0123456789").status_code == 201
        yield running


def dav(server: SyncServer, path: str) -> str:
    return f"{server.url}/remote.php/dav/files/ada/{path}"


def holding(token: str) -> httpx.Client:
    return client(headers={"Authorization": f"Bearer {token}"})


def test_reading_where_the_token_says(server: SyncServer, iam: Issuer) -> None:
    job = holding(iam.token("storage.read:/in openid"))
    assert job.get(dav(server, "grid/in/a.root")).content == b"0123456789"
    assert job.get(dav(server, "grid/in/a.root"), headers={"Range": "bytes=2-3"}).content == b"23"
    assert job.request("PROPFIND", dav(server, "grid/in"), headers={"Depth": "1"}).status_code == 207
    listed = job.get(f"{server.url}/api/v1/files", params={"path": "/grid/in"})
    assert [child["name"] for child in listed.json()["children"]] == ["a.root", "b.root"]
    assert job.put(dav(server, "grid/in/new"), content=b"1").status_code == 403
    assert job.delete(dav(server, "grid/in/a.root")).status_code == 403
    for path in ("grid", "", "private/diary.txt", "private/not-there", "grid/inside", "grid/out"):
        assert job.get(dav(server, path)).status_code == 403, path
        assert job.request("PROPFIND", dav(server, path), headers={"Depth": "0"}).status_code == 403, path


def test_making_new_files_only(server: SyncServer, iam: Issuer) -> None:
    job = holding(iam.token("storage.create:/out/run7"))
    assert job.request("MKCOL", dav(server, "grid/out/run7")).status_code == 201
    assert job.put(dav(server, "grid/out/run7/1.root"), content=b"new").status_code == 201
    assert job.put(dav(server, "grid/out/run7/1.root"), content=b"again").status_code == 403
    assert job.delete(dav(server, "grid/out/run7/1.root")).status_code == 403
    assert job.get(dav(server, "grid/out/run7/1.root")).status_code == 403
    assert job.put(dav(server, "grid/out/run8.root"), content=b"new").status_code == 403


def test_one_file_and_no_other(server: SyncServer, iam: Issuer) -> None:
    job = holding(iam.token("storage.create:/out/only%20this.root"))
    assert job.put(dav(server, "grid/out/other.root"), content=b"1").status_code == 403
    assert job.put(dav(server, "grid/out/only%20this.root"), content=b"1").status_code == 201


def test_changing(server: SyncServer, iam: Issuer) -> None:
    job = holding(iam.token("storage.modify:/out/m storage.read:/in"))
    assert job.request("MKCOL", dav(server, "grid/out/m")).status_code == 201
    for contents, status in ((b"1", 201), (b"2", 204)):
        assert job.put(dav(server, "grid/out/m/x"), content=contents).status_code == status
    to = {"Destination": dav(server, "grid/out/m/y")}
    assert job.request("MOVE", dav(server, "grid/out/m/x"), headers=to).status_code == 201
    assert job.request("COPY", dav(server, "grid/in/a.root"), headers=to).status_code == 204
    out = {"Destination": dav(server, "grid/out/elsewhere")}
    assert job.request("MOVE", dav(server, "grid/out/m/y"), headers=out).status_code == 403
    assert job.request("COPY", dav(server, "private/diary.txt"), headers=to).status_code == 403
    assert job.delete(dav(server, "grid/out/m/y")).status_code == 204


def test_uploads_in_parts_where_the_token_says(server: SyncServer, iam: Issuer) -> None:
    job = holding(iam.token("storage.create:/out/parts"))
    plan = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    elsewhere = plan | {"Upload-Metadata": "filename " + base64.b64encode(b"out/p.root").decode()}
    assert job.post(dav(server, "grid"), headers=elsewhere).status_code == 403
    begun = plan | {"Upload-Metadata": "filename " + base64.b64encode(b"parts").decode()}
    place = job.post(dav(server, "grid/out"), headers=begun).headers["Location"]
    address = place if "://" in place else server.origin + place
    other = holding(iam.token("storage.modify:/out/other"))
    for offset, piece in ((0, b"01234"), (5, b"56789")):
        told = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
        told["Content-Type"] = "application/offset+octet-stream"
        assert other.patch(address, headers=told, content=piece).status_code == 403
        assert other.head(address, headers=told).status_code == 403
        assert job.patch(address, headers=told, content=piece).status_code == 204
    owner = client(auth=("ada", server.app_password("ada")))
    assert owner.get(dav(server, "grid/out/parts")).content == b"0123456789"


def test_uploads_in_chunks_where_the_token_says(server: SyncServer, iam: Issuer) -> None:
    job = holding(iam.token("storage.modify:/out/chunks"))
    uploads = f"{server.url}/remote.php/dav/uploads/ada"
    bound = {"Destination": dav(server, "grid/out/chunks/a.root")}
    astray = {"Destination": dav(server, "grid/out/other.root")}
    assert job.request("MKCOL", dav(server, "grid/out/chunks")).status_code == 201
    assert job.request("MKCOL", f"{uploads}/token", headers=astray).status_code == 403
    assert job.request("MKCOL", f"{uploads}/token", headers=bound).status_code == 201
    other = holding(iam.token("storage.modify:/out/other"))
    assert other.put(f"{uploads}/token/1", content=b"x").status_code == 403
    assert other.request("PROPFIND", f"{uploads}/token").status_code == 403
    assert other.delete(f"{uploads}/token").status_code == 403
    assert job.put(f"{uploads}/token/1", content=b"0123", headers=bound).status_code == 201
    assert job.request("MOVE", f"{uploads}/token/.file", headers=astray).status_code in (400, 403)
    assert job.request("MOVE", f"{uploads}/token/.file", headers=bound).status_code == 201
    owner = client(auth=("ada", server.app_password("ada")))
    assert owner.get(dav(server, "grid/out/chunks/a.root")).content == b"0123"
    assert owner.request("MKCOL", f"{uploads}/unbound").status_code == 201
    assert job.put(f"{uploads}/unbound/1", content=b"x").status_code == 403


def http_trash(server: SyncServer) -> list[dict[str, str]]:
    """What ada has in the trash once she has deleted something private."""
    http = client(auth=("ada", server.app_password("ada")))
    http.put(dav(server, "private/letter.txt"), content=b"secret")
    http.delete(dav(server, "private/letter.txt"))
    items = http.get(f"{server.url}/api/v1/trash").json()["items"]
    return [item for item in items if item["name"] == "letter.txt"]


def test_what_is_not_about_files_of_its_place_is_refused(server: SyncServer, iam: Issuer) -> None:
    job = holding(iam.token("storage.read:/ storage.modify:/"))
    for path in (
        "changes",
        "trash",
        "shares?view=by-me",
        "app-passwords",
        "keys",
        "people?q=a",
        "search?q=diary",
    ):
        assert job.get(f"{server.url}/api/v1/{path}").status_code in (403, 404), path
    share = {"path": "/grid/in/a.root", "kind": "link"}
    assert job.post(f"{server.url}/api/v1/shares", json=share).status_code == 403
    [gone] = http_trash(server)
    back = job.post(f"{server.url}/api/v1/trash/restore", json={"ids": [gone["id"]]})
    assert [one["error"]["code"] for one in back.json()["failed"]] == ["forbidden"]
    uploads = f"{server.url}/remote.php/dav/uploads/ada/one"
    assert job.request("MKCOL", uploads).status_code == 403


@pytest.mark.parametrize(
    ("scope", "groups", "reads", "writes"),
    [
        ("", ["/lab"], 200, 403),
        ("openid wlcg.groups", ["/other", "/lab/production"], 200, 201),
        ("storage.read:/in", ["/lab/production"], 200, 403),
        ("storage.read", ["/lab/production"], 403, 403),
        ("", ["/lab/else", "lab", "/", "", 1, None, ["/lab"]], 403, 403),
        ("", [], 403, 403),
    ],
)
def test_groups_count_where_the_token_says_nothing_itself(
    server: SyncServer, iam: Issuer, scope: str, groups: list[object], reads: int, writes: int
) -> None:
    job = holding(iam.token(scope, **{"wlcg.groups": groups}))
    assert job.get(dav(server, "grid/in/a.root")).status_code == reads
    place = dav(server, f"grid/out/{abs(hash((scope, str(groups))))}")
    assert job.put(place, content=b"1").status_code == writes
    assert job.get(dav(server, "private/diary.txt")).status_code == 403


def test_a_subject_may_have_an_account_of_its_own(server: SyncServer, iam: Issuer) -> None:
    job = holding(iam.token("storage.read:/", sub="emmy-at-her-institute"))
    assert job.get(dav(server, "grid/in/a.root")).status_code in (403, 404)
    assert job.get(f"{server.url}/api/v1/me").json()["name"] == "student"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"nbf": int(time.time()) + 3600},
        {"aud": "https://other.example.org"},
        {"aud": ["https://other.example.org"]},
        {"aud": None},
        {"aud": {"https://cygnet.example.org": 1}},
        {"sub": None},
        {"wlcg.ver": None},
        {"wlcg.ver": "2.0"},
        {"iss": "https://other.example.org/"},
        {"iss": None},
        {"wlcg.groups": "/lab"},
        {"wlcg.groups": {"/lab": 1}},
    ],
)
def test_a_token_that_does_not_count(server: SyncServer, iam: Issuer, claims: dict[str, object]) -> None:
    answer = holding(iam.token("storage.read:/", **claims)).get(dav(server, "grid/in/a.root"))
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize("scope", [["storage.read:/"], {"storage.read:/": 1}, 1])
def test_a_scope_that_is_no_text(server: SyncServer, iam: Issuer, scope: Any) -> None:
    assert holding(iam.token(scope)).get(dav(server, "grid/in/a.root")).status_code == 401


def test_an_audience_of_ours(server: SyncServer, iam: Issuer) -> None:
    for audience in ("https://cygnet.example.org", ["https://x.example.org", "https://cygnet.example.org"]):
        job = holding(iam.token("storage.read:/", aud=audience))
        assert job.get(dav(server, "grid/in/a.root")).status_code == 200


@pytest.mark.parametrize(
    "scope",
    [
        "",
        "storage.read",
        "storage.read:",
        "storage.read:in",
        "storage.read:/in/../..",
        "storage.admin:/",
        "STORAGE.READ:/",
    ],
)
def test_scopes_that_say_nothing(server: SyncServer, iam: Issuer, scope: str) -> None:
    assert holding(iam.token(scope)).get(dav(server, "grid/in/a.root")).status_code == 403


def signed_with_public_key(claims: dict[str, object], public: bytes) -> str:
    """HS256 with the public key as the secret, made by hand: libraries refuse to."""
    parts = ({"alg": "HS256", "kid": "first"}, claims)
    text = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.digest(public, text, "sha256")).rstrip(b"=")
    return b".".join((text, signature)).decode()


def forged(iam: Issuer) -> list[str]:
    """Tokens of somebody else, in the ways in which verifiers were deceived before."""
    honest = iam.token("storage.read:/")
    head, payload, _ = honest.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    public = iam.keys["first"].as_pem(private=False)
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    stranger = RSAKey.generate_key(2048, {"kid": "first"})
    embedded = {"alg": "RS256", "kid": "first", "jwk": stranger.as_dict(private=False)}
    return [
        f"{none}.{payload}.",
        f"{head}.{payload}.",
        honest[:-4] + "AAAA",
        jwt.encode({"alg": "RS256", "kid": "first"}, claims, stranger),
        jwt.encode(embedded, claims, stranger),
        signed_with_public_key(claims, public),
    ]


def test_forged_tokens(server: SyncServer, iam: Issuer) -> None:
    for token in forged(iam):
        assert holding(token).get(dav(server, "grid/in/a.root")).status_code == 401, token


def test_what_is_no_token_at_all(server: SyncServer) -> None:
    for token in ("eyJ..", "eyJ.eyJ.x", "eyJhbGciOiJSUzI1NiJ9.W10.x", "eyJ" + "a" * 9000 + ".b.c"):
        assert holding(token).get(dav(server, "grid/in/a.root")).status_code == 401


def test_keys_are_kept_and_new_ones_are_found(server: SyncServer, iam: Issuer) -> None:
    with holding(iam.token("storage.read:/")) as job:
        assert job.get(dav(server, "grid/in/a.root")).status_code == 200
        asked = iam.asked
        for _ in range(5):
            assert job.get(dav(server, "grid/in/a.root")).status_code == 200
    assert iam.asked == asked
    iam.keys["second"] = ECKey.generate_key("P-256", {"kid": "second"})
    fresh = holding(iam.token("storage.read:/", key="second"))
    # Keys that are not known are looked for, but not for every token that a stranger makes up.
    assert fresh.get(dav(server, "grid/in/a.root")).status_code == 401
    assert iam.asked == asked
    server.services.grid_tokens._keys._asked.clear()
    assert fresh.get(dav(server, "grid/in/a.root")).status_code == 200
    assert iam.asked == asked + 1


def test_an_issuer_that_is_away(tmp_path: Path) -> None:
    with issuer() as other:
        (tmp_path / "token-issuers.toml").write_text(POLICY.format(url=other.url))
        other.away = True
        with sync_server(tmp_path) as server:
            job = holding(other.token("storage.read:/"))
            assert job.get(f"{server.url}/api/v1/me").status_code == 503
            other.away = False
            server.services.grid_tokens._keys._asked.clear()
            assert job.get(f"{server.url}/api/v1/me").status_code == 200
            other.away = True
            assert job.get(f"{server.url}/api/v1/me").status_code == 200


def test_without_issuers_nothing_changes(tmp_path: Path) -> None:
    with issuer() as other, sync_server(tmp_path) as server:
        assert holding(other.token("storage.read:/")).get(f"{server.url}/api/v1/me").status_code == 401
        assert other.asked == 0


@pytest.mark.parametrize(
    "text",
    [
        "[[issuer]]",
        'issuer = "x"',
        '[[issuer]]\nurl = "ftp://x"',
        '[[issuer]]\nurl = "https://x"\nfolder = "/a/../b"',
        '[[issuer]]\nurl = "https://x"\nacount = "ada"',
        '[[issuer]]\nurl = "https://x"\ngroups = { "lab" = "storage.read:/" }',
        '[[issuer]]\nurl = "https://x"\ngroups = { "/lab" = ["storage.read:/"] }',
        "[[issuer",
    ],
)
def test_a_file_that_cannot_be_understood_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "issuers.toml").write_text(text)
    with pytest.raises(BadRequest, match=r"issuers\.toml"):
        TokenPolicy.load(tmp_path / "issuers.toml")


@given(
    st.lists(st.text(alphabet="storage.readcmdify:/%2e. é\0", max_size=30)),
    st.sampled_from(["/", "/grid/deep"]),
)
def test_no_scope_leads_out_of_the_folder(scopes: list[str], folder: str) -> None:
    for grant in grants(["storage.read:/" + scope for scope in scopes] + scopes, folder):
        assert (grant.folder + "/").startswith(folder.rstrip("/") + "/")
        assert ".." not in grant.folder.split("/")
