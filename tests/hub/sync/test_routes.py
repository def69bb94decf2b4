"""Every door says who may come in, and keeps to it whatever the credential."""

from __future__ import annotations

import base64
import contextlib
import re
import ssl
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from tornado.web import RequestHandler

from cygnet_hub.services.sync.app import ROUTES
from cygnet_hub.services.sync.handlers import s3
from cygnet_hub.services.sync.handlers.api.opening import PublicCopyHandler
from cygnet_hub.services.sync.handlers.audit import Served
from cygnet_hub.services.sync.handlers.base import Access, BaseHandler
from cygnet_hub.services.sync.handlers.dav import express
from cygnet_hub.services.sync.handlers.operations import MetricsHandler
from cygnet_hub.services.sync.handlers.site import PageHandler
from cygnet_hub.services.sync.model.macaroon import Macaroon
from cygnet_hub.services.sync.model.settings import Tls
from cygnet_hub.services.sync.service.certificates import add_certificate
from tests.grid import LIMITED, SERVER, Authority, Identity
from tests.hub.sync.api import Api, client, link_token
from tests.sync_server import SyncServer, sync_server

DOORS: list[tuple[str, type[RequestHandler]]] = [(route[0], route[1]) for route in ROUTES]
OPEN = {
    # Each of these is open for a reason; nothing is added without one.
    "status.php": "clients ask it before they have a password",
    "cloud/capabilities": "the same",
    "/config": "the same",
    "oauth_callback": "the end of a login",
    "logout": "leaving",
    "assets": "the site's own scripts and styles",
    "s/": "the page of a public link",
    "api/v1/public/": "what a link is, before its password is known; opening it",
    "login/v2": "beginning a login",
    "metrics": "numbers without names",
    "health": "for the machine that watches",
    "ready": "the same",
    "openapi.json": "a document",
    "certificates/claim": "what is asked for is a certificate that is nobody's yet",
    "certificates/presented": "what the sender's own certificate says, also why it is refused",
    ".well-known/": "where tokens are to be had",
}


@pytest.mark.parametrize(("pattern", "handler"), DOORS, ids=[door[0] for door in DOORS])
def test_says_who_may_call_it(pattern: str, handler: type[RequestHandler]) -> None:
    assert issubclass(handler, BaseHandler)
    assert isinstance(getattr(handler, "access", None), Access)


@pytest.mark.parametrize(("pattern", "handler"), DOORS, ids=[door[0] for door in DOORS])
def test_open_doors_are_few_and_known(pattern: str, handler: type[BaseHandler]) -> None:
    if handler.access is Access.ANYONE:
        assert any(word in pattern.replace("\\", "") for word in OPEN), f"{pattern} is open to anyone: why?"


@pytest.mark.parametrize(("pattern", "handler"), DOORS, ids=[door[0] for door in DOORS])
def test_no_webdav_door_takes_the_cookie(pattern: str, handler: type[BaseHandler]) -> None:
    site = issubclass(handler, PageHandler)
    # Whoever copies what a link shows does so as themselves, with the header that keeps other sites out.
    own = handler is PublicCopyHandler
    assert not handler.cookie_login or site or own or re.match(r"api/v1/(?!public)|ocs/", pattern)


def example(pattern: str) -> str:
    """An address that a route answers to."""
    path = pattern.replace("(?:/pending)?", "")
    path = re.sub(r"\(\[0-9\]\{1,18\}\)", "1", path)
    path = re.sub(r"\(\[12\]\)", "2", path)
    path = (
        path.replace("(move|copy)", "copy")
        .replace("(accept|decline)", "accept")
        .replace("(approve|reject)", "approve")
    )
    path = re.sub(r"\(\[[^)]*\)", "abc", path)
    return path.replace("/?", "").replace("\\", "")


#: Each WebDAV door of Ada's, and of a public link: TOKEN stands for its token.
DAV_ADDRESSES = {
    "remote.php/dav/files/ada/": "user",
    "remote.php/webdav/": "user",
    "dav/files/ada/": "user",
    "remote.php/dav/uploads/ada/abc/": "user",
    "remote.php/dav/trash-bin/ada/": "user",
    "remote.php/dav/trashbin/ada/trash/": "user",
    "remote.php/dav/meta/1/v/": "user",
    "remote.php/dav/versions/ada/versions/1/": "user",
    "remote.php/dav/bulk": "user",
    "remote.php/dav/tus/abc": "user",
    "remote.php/dav/": "user",
    "remote.php/dav/systemtags/": "user",
    "oauth2/token": "user",
    "public.php/webdav/": "link",
    "remote.php/dav/public-files/TOKEN/": "link",
    "public.php/dav/files/TOKEN/": "link",
}
#: 405: a method that the door does not have, whoever asks; 404: a user name that is no link's token.
SHUT = (401, 403, 404, 405)
_REFUSALS = ("This address is not for you.", "Please sign in.")


class Credential(NamedTuple):
    """What a request carries, and whom the service should take it for; `headers` but for reading `unsafe`."""

    kind: str
    headers: dict[str, str]
    cookies: dict[str, str] = {}
    certificate: Identity | None = None

    def client(self, server: SyncServer) -> httpx.Client:
        """A client with its cookies and certificate."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.certificate:
            context.load_cert_chain(self.certificate.bundle)
        address = server.secure_url if self.certificate else server.url
        return httpx.Client(base_url=address, verify=context, cookies=self.cookies, timeout=60)


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": httpx.BasicAuth(user, password)._auth_header}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


INTERNAL = bearer("internal-test-key")


def server_credential(server: SyncServer, user: str, ttl: float) -> dict[str, Any]:
    answer = httpx.post(
        f"{server.url}/api/v1/server-credentials", json={"user": user, "ttl": ttl}, headers=INTERNAL
    )
    return dict(answer.json())


def macaroon(server: SyncServer, auth: tuple[str, str] | dict[str, str]) -> str:
    """A macaroon for all of Ada's files."""
    known = {"headers": auth} if isinstance(auth, dict) else {"auth": auth}
    answer = client(**known).post(
        f"{server.url}/remote.php/dav/files/ada/",
        headers={"Content-Type": "application/macaroon-request"},
        content="{}",
    )
    return str(answer.json()["macaroon"])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority whose certificates count."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """A service that takes certificates."""
    host = authority.person("localhost", SERVER)
    tls = Tls(host.certificate, host.key, authority.accepted)
    with sync_server(tmp_path_factory.mktemp("sync"), tls=tls) as running:
        yield running


@pytest.fixture(scope="module")
def matrix(server: SyncServer, authority: Authority) -> dict[str, Credential]:
    """Every kind of credential; kind is whom it makes: user, link, service or, when it is no good, wrong."""
    ada = Api(server, "ada")
    ada("POST", "folders", {"path": "/matrix"}, 201)
    link = link_token(ada.share("/matrix", kind="link"))
    ended = ada.share("/matrix", kind="link")
    ada("DELETE", f"shares/{ended['id']}", status=204)
    revoked, live = (server_credential(server, "ada", 600) for _ in range(2))
    orphan = macaroon(server, bearer(revoked["token"]))
    httpx.delete(f"{server.url}/api/v1/server-credentials/{revoked['id']}", headers=INTERNAL)
    expired = server_credential(server, "ada", 0.001)
    time.sleep(0.01)
    own, reading = server.app_password("ada"), server.app_password("ada", frozenset({"files:read"}))
    whole = Macaroon.parse(macaroon(server, ("ada", own)))
    over, wishing = whole.limited("before:2020-01-01T00:00:00Z"), whole.limited("wish:more")
    forged = Macaroon.make("", whole.identifier, b"another key")
    cookie = {server.login.cookie_name: server.login.cookie(server, "hub-token-of-ada")}
    xsrf = server.services.keys.sign("xsrf", "hub-token-of-ada")
    certificate, unknown = authority.person("Ada"), authority.person("Unknown")
    server.services.database.write_now(lambda c: add_certificate(c, "ada", certificate.subject))
    own_page = {"Sec-Fetch-Site": "same-origin"}
    return {
        "none": Credential("anonymous", {}),
        "certificate": Credential("user", {}, certificate=certificate),
        "proxy": Credential("user", {}, certificate=certificate.proxy("1")),
        "limited proxy": Credential("user", {}, certificate=certificate.proxy("2", LIMITED)),
        "certificate of nobody": Credential("wrong", {}, certificate=unknown),
        "certificate in a page": Credential("anonymous", own_page, certificate=certificate),
        "certificate and a wrong password": Credential("wrong", basic("ada", "x"), certificate=certificate),
        "cookie": Credential("cookie", {"X-XSRFToken": xsrf, "OCS-APIRequest": "true"}, cookie),
        "cookie of nobody": Credential(
            "anonymous", {"X-XSRFToken": "x", "OCS-APIRequest": "true"}, {server.login.cookie_name: "x"}
        ),
        "hub token": Credential("user", bearer("hub-token-of-ada")),
        "unknown token": Credential("wrong", bearer("hub-token-of-nobody")),
        "empty token": Credential("wrong", {"Authorization": "Bearer"}),
        "app password": Credential("user", basic("ada", own)),
        "app password as token": Credential("user", bearer(own)),
        "app password of another": Credential("wrong", basic("ada", server.app_password("bob"))),
        "empty password": Credential("wrong", basic("ada", "")),
        "limited scope": Credential("user", basic("ada", reading)),
        "server credential": Credential("user", bearer(live["token"])),
        "expired": Credential("wrong", bearer(expired["token"])),
        "revoked": Credential("wrong", bearer(revoked["token"])),
        "share link": Credential("link", basic(link, "")),
        "share link as token": Credential("wrong", bearer(link)),
        "ended share link": Credential("wrong", basic(link_token(ended), "")),
        "internal key": Credential("service", INTERNAL),
        "internal key as password": Credential("wrong", basic("ada", "internal-test-key")),
        "token of the metrics": Credential("metrics", bearer(server.services.keys.metrics_token)),
        "macaroon": Credential("user", bearer(macaroon(server, ("ada", own)))),
        "macaroon of a reader": Credential("user", bearer(macaroon(server, ("ada", reading)))),
        "macaroon that has ended": Credential("wrong", bearer(over.serialize())),
        "macaroon with a wish": Credential("wrong", bearer(wishing.serialize())),
        "macaroon of the revoked": Credential("wrong", bearer(orphan)),
        "macaroon of another": Credential("wrong", bearer(forged.serialize())),
        "other scheme": Credential("wrong", {"Authorization": "Digest abc"}),
        "not base64": Credential("wrong", {"Authorization": "Basic ???"}),
    }


def opens(credential: Credential, handler: type[BaseHandler]) -> bool:
    """Whether a door should open; this is the matrix."""
    if handler is MetricsHandler:
        return credential.kind == "metrics"
    if handler.access is Access.INTERNAL:
        return credential.kind == "service"
    if credential.kind == "cookie":
        return handler.cookie_login
    return credential.kind == "user"


def refused(answer: httpx.Response) -> bool:
    """Whether the door stayed shut; what lies behind an open one may be refused for other reasons."""
    if answer.status_code == 401:
        return True
    with contextlib.suppress(ValueError):
        body = answer.json()
        if "ocs" in body:
            meta = body["ocs"]["meta"]
            return meta["statuscode"] == 997 or meta["message"] in _REFUSALS
        if "error" in body:
            return body["error"]["message"] in _REFUSALS
    return any(words in answer.text for words in _REFUSALS)


JSON_DOORS = [
    (example(p), h)
    for p, h in DOORS
    if h.access is not Access.ANYONE and re.match(r"api/v1/(?!public)|ocs/|metrics", p)
]
KINDS_OF_CREDENTIAL = (
    "none", "certificate", "proxy", "limited proxy", "certificate of nobody", "certificate in a page",
    "certificate and a wrong password", "cookie", "cookie of nobody", "hub token", "unknown token",
    "empty token", "app password",
    "app password as token", "app password of another", "empty password", "limited scope",
    "server credential", "expired", "revoked", "share link", "share link as token", "ended share link",
    "internal key", "internal key as password", "token of the metrics", "other scheme", "not base64",
    "macaroon", "macaroon of a reader", "macaroon that has ended", "macaroon with a wish",
    "macaroon of the revoked", "macaroon of another",
)  # fmt: skip


@pytest.mark.parametrize("name", KINDS_OF_CREDENTIAL)
def test_each_door_opens_to_whom_it_should(
    server: SyncServer, matrix: dict[str, Credential], name: str
) -> None:
    credential = matrix[name]
    with credential.client(server) as client:
        for path, handler in JSON_DOORS:
            for method in ("get", "post", "put", "patch", "delete"):
                if method not in vars(handler) or (method, path) == ("delete", "ocs/v2.php/core/apppassword"):
                    continue
                server.forget_guesses()
                answer = client.request(method.upper(), f"/{path}?format=json", headers=credential.headers)
                assert refused(answer) is not opens(credential, handler), (method, path, answer.text)
                assert answer.status_code != 500, (method, path, answer.text)


@pytest.mark.parametrize("name", KINDS_OF_CREDENTIAL)
def test_each_webdav_door_opens_to_whom_it_should(
    server: SyncServer, matrix: dict[str, Credential], name: str
) -> None:
    credential = matrix[name]
    token = base64.b64decode(matrix["share link"].headers["Authorization"][6:]).decode().partition(":")[0]
    with credential.client(server) as client:
        # An upload that is refused before its body came ends the connection; each request gets its own here.
        client.headers["Connection"] = "close"
        for address, kind in DAV_ADDRESSES.items():
            for method in ("PROPFIND", "GET", "PUT", "DELETE", "MKCOL", "POST"):
                server.forget_guesses()
                path = address.replace("TOKEN", token)
                answer = client.request(method, f"/{path}", headers=credential.headers)
                # The address itself may be the credential; what cannot be read is refused everywhere.
                if credential.kind == kind or ("TOKEN" in address and name != "not base64"):
                    assert answer.status_code != 401, (method, path, answer.text)
                else:
                    assert answer.status_code in SHUT, (method, path, answer.status_code, answer.text)
                assert answer.status_code != 500, (method, path, answer.text)


#: How many of twelve requests the express lane answers at least (it knows a token from the second time on),
#: and whose credentials let them read only.
EXPRESS = {"app password": 12, "app password as token": 11, "server credential": 11, "limited scope": 9}
READERS = ("limited scope", "macaroon of a reader", "limited proxy")


@pytest.mark.parametrize("name", KINDS_OF_CREDENTIAL)
def test_the_express_lane_opens_to_whom_it_should(
    server: SyncServer, matrix: dict[str, Credential], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    credential, writes = matrix[name], name not in READERS
    taken: list[Served] = []
    monkeypatch.setattr(express, "audit", taken.append)  # called before the answer is sent
    Api(server, "ada").put("/express.txt", b"as it was")
    with credential.client(server) as client:
        for base in ("remote.php/dav/files/ada", "remote.php/webdav", "dav/files/ada"):
            for method in ("GET", "HEAD", "PROPFIND", "PUT"):
                server.forget_guesses()
                headers, body = credential.headers | {"Depth": "0"}, b"new" if method == "PUT" else None
                answer = client.request(method, f"/{base}/express.txt", headers=headers, content=body)
                opened = credential.kind == "user" and (writes or method != "PUT")
                assert (answer.status_code < 400) is opened, (method, base, answer.status_code)
                assert opened or answer.status_code in SHUT, (method, base, answer.status_code)
    assert len(taken) >= EXPRESS.get(name, 0) and (name in EXPRESS or not taken)
    kept = Api(server, "ada").http.get("/api/v1/content?path=/express.txt").content
    assert kept == (b"new" if credential.kind == "user" and writes else b"as it was")


#: Each address of S3, of which the last is a bucket that nobody has.
S3_ADDRESSES = (
    "/",
    "/home",
    "/home/",
    "/shares",
    "/home/a",
    "/home/a/",
    "/home?uploads",
    "/home/a?uploadId=x",
    "/x/y",
)


@pytest.mark.parametrize("name", KINDS_OF_CREDENTIAL)
def test_only_keys_open_the_door_of_s3(server: SyncServer, matrix: dict[str, Credential], name: str) -> None:
    credential = matrix[name]
    headers = credential.headers | {"Connection": "close"}
    with httpx.Client(
        base_url=server.s3, verify=False, cookies=credential.cookies, headers=headers
    ) as client:
        for address in S3_ADDRESSES:
            for method in ("GET", "HEAD", "PUT", "DELETE", "POST"):
                answer = client.request(method, address)
                # Without a signature nobody is anybody; STS takes no credential but the one in its form.
                allowed = (501,) if (method, address) == ("POST", "/") else (400, 403, 405)
                assert answer.status_code in allowed, (method, address, answer.text)


def test_s3_has_no_other_addresses() -> None:
    assert all(issubclass(handler, BaseHandler) and handler.access is Access.USER for _, handler in s3.ROUTES)
    assert all(not handler.cookie_login for _, handler in s3.ROUTES)
    paths = [address.partition("?")[0] for address in S3_ADDRESSES]
    assert all(any(re.fullmatch(pattern, path) for path in paths) for pattern, _ in s3.ROUTES)


def test_the_matrix_has_every_webdav_door() -> None:
    pages = r"|s/|index|oauth|logout|\(\?!|\(\(\?:assets"
    others = r"(?:\(\?:index\\.php/\)\?)?login|api/|ocs/|status|metrics|health|ready|\\.well-known" + pages
    patterns = [p for p, _ in DOORS if not re.match(others, p)]
    known = [re.compile(p) for p in patterns]
    assert [p.pattern for p in known if not any(p.fullmatch(a.rstrip("/")) for a in DAV_ADDRESSES)] == []


def test_a_cookie_alone_changes_nothing(server: SyncServer, matrix: dict[str, Credential]) -> None:
    with httpx.Client(base_url=server.url, verify=False, cookies=matrix["cookie"].cookies) as client:
        for path, handler in JSON_DOORS:
            for method in {"post", "put", "patch", "delete"} & vars(handler).keys():
                for headers in ({}, {"X-XSRFToken": "x", "OCS-APIRequest": "true"}):
                    answer = client.request(method.upper(), f"/{path}?format=json", headers=headers)
                    assert "api/v1" not in path or answer.status_code in (401, 403), (method, path)
                    assert answer.status_code in (401, 403) or "metrics" in path, (method, path, answer.text)


def test_other_peoples_trees_stay_shut(server: SyncServer) -> None:
    auth = ("bob", server.app_password("bob"))
    with httpx.Client(base_url=server.url, verify=False, auth=auth) as client:
        for address in DAV_ADDRESSES:
            if "/ada/" in address:
                assert client.request("PROPFIND", f"/{address}").status_code in (403, 404), address


def test_a_password_for_reading_writes_nothing(server: SyncServer) -> None:
    secret = server.app_password("ada", scopes=frozenset({"files:read"}))
    Api(server, "ada").put("/read-only.txt")
    auth = httpx.BasicAuth("ada", secret)
    with httpx.Client(base_url=f"{server.url}/api/v1", auth=auth) as client:
        assert client.get("/content?path=/read-only.txt").status_code == 200
        for method, path, body in (
            ("PUT", "/content?path=/read-only.txt", None),
            ("POST", "/folders", {"path": "/x"}),
            ("POST", "/files/move", {"source": "/read-only.txt", "destination": "/y"}),
            ("POST", "/files/copy", {"source": "/read-only.txt", "destination": "/y"}),
            ("POST", "/shares", {"path": "/read-only.txt", "kind": "link"}),
            ("GET", "/shares", None),
            ("GET", "/app-passwords", None),
            ("POST", "/app-passwords", {"label": "more"}),
        ):
            assert client.request(method, path, json=body).status_code == 403, (method, path)
        failed = client.post("/files/delete", json={"paths": ["/read-only.txt"]}).json()["failed"]
        assert failed[0]["error"]["code"] == "forbidden"
    for method, name in (("PUT", "read-only.txt"), ("DELETE", "read-only.txt"), ("MKCOL", "new")):
        answer = httpx.request(method, f"{server.url}/remote.php/dav/files/ada/{name}", auth=auth)
        assert answer.status_code == 403, method
    assert "read-only.txt" in Api(server, "ada").names()


def test_an_unknown_host_name_is_refused(server: SyncServer) -> None:
    answer = httpx.get(f"{server.url}/status.php", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert httpx.get(f"{server.url}/status.php", headers={"Host": "localhost:1"}).status_code == 200


def test_a_doubled_slash_after_the_prefix_counts_as_one(server: SyncServer) -> None:
    assert httpx.get(f"{server.url}//status.php").json()["installed"] is True
