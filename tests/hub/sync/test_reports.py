"""Listings of more than one folder: what changed, favourites, searches."""

from __future__ import annotations

from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from tests.hub.sync.api import Api
from tests.hub.sync.dav import NAMESPACES, Answer, Dav
from tests.sync_server import SyncServer

PROP = "<d:prop><d:getetag/><oc:favorite/><d:displayname/></d:prop>"
XMLNS = 'xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"'


def paths(dav: Dav, answer: Answer) -> list[str]:
    """What a multistatus lists; "-" before what is gone."""
    assert answer.status == 207, answer
    found = []
    for response in ElementTree.fromstring(answer.body).iterfind("d:response", NAMESPACES):
        href = (
            unquote(response.findtext("d:href", "", NAMESPACES)).removeprefix(unquote(dav.root)).rstrip("/")
        )
        found.append(("-" if response.find("d:status", NAMESPACES) is not None else "") + href)
    return found


class Collection:
    """Listens to a folder by sync-collection."""

    def __init__(self, dav: Dav, path: str) -> None:
        self.dav, self.path, self.token = dav, path, ""

    def report(self, level: str) -> Answer:
        body = f"<d:sync-collection {XMLNS}><d:sync-token>{self.token}</d:sync-token>"
        body += f"<d:sync-level>{level}</d:sync-level>{PROP}</d:sync-collection>"
        return self.dav("REPORT", self.path, body)

    def look(self, level: str = "1") -> set[str]:
        answer = self.report(level)
        self.token = ElementTree.fromstring(answer.body).findtext("d:sync-token", "", NAMESPACES)
        return set(paths(self.dav, answer))


def test_a_collection_tells_what_changed_since_the_token(ada: Dav) -> None:
    ada("MKCOL", "/watched")
    ada("MKCOL", "/watched/deep")
    ada.put("/watched/a ü", "1")
    one, all_ = Collection(ada, "/watched"), Collection(ada, "/watched")
    assert one.look() == all_.look() == {"/watched/deep", "/watched/a ü"}
    assert one.look() == all_.look("infinite") == set()

    ada.put("/watched/a ü", "2")
    ada.put("/watched/deep/new", "3")
    ada.put("/elsewhere", "4")
    assert one.look() == {"/watched/a ü", "/watched/deep"}
    assert all_.look("infinite") == {"/watched/a ü", "/watched/deep/new"}

    ada("MOVE", "/watched/deep", Destination=ada.url("/watched/moved"))
    ada("DELETE", "/watched/a ü")
    assert one.look() == {"-/watched/deep", "/watched/moved", "-/watched/a ü"}
    assert all_.look("infinite") == {
        "-/watched/deep",
        "/watched/moved",
        "/watched/moved/new",
        "-/watched/a ü",
    }
    assert one.look() == all_.look("infinite") == set()


def test_a_token_that_is_no_good_must_be_given_up(ada: Dav) -> None:
    watched = Collection(ada, "/")
    assert watched.report("infinite").status == 403
    watched.token = "urn:other"
    assert watched.report("1").status == 400
    watched.token = "urn:x-cygnet:sync:other-5-x"
    answer = watched.report("1")
    assert answer.status == 403
    assert b"<d:valid-sync-token/>" in answer.body
    assert ada("REPORT", "/", f"<d:expand-property {XMLNS}/>").status == 400


def mark(dav: Dav, path: str, value: str) -> Answer:
    body = f"<d:propertyupdate {XMLNS}><d:set><d:prop><oc:favorite>{value}</oc:favorite></d:prop></d:set>"
    return dav("PROPPATCH", path, f"{body}</d:propertyupdate>")


def favourites(dav: Dav, path: str = "/") -> list[str]:
    rules = "<oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules>"
    return paths(dav, dav("REPORT", path, f"<oc:filter-files {XMLNS}>{PROP}{rules}</oc:filter-files>"))


def test_favourites_are_ones_own(server: SyncServer, ada: Dav) -> None:
    ada("MKCOL", "/fav")
    ada.put("/fav/one", "1")
    ada.put("/fav/two", "2")
    share = Api(server, "ada").share("/fav", "bob")
    bob = Dav(server, "bob")
    Api(server, "bob")("POST", f"shares/{share['id']}/accept")
    before = ada.etag("/")
    assert mark(ada, "/fav/one", "1").status == 207
    assert mark(bob, "/Shares/fav/two", "1").status == 207
    assert ada.etag("/") == before
    assert favourites(ada) == favourites(ada, "/fav") == ["/fav/one"]
    assert favourites(bob) == ["/Shares/fav/two"]
    shown = ada.list("/fav", props=f"<d:propfind {XMLNS}>{PROP}</d:propfind>")
    assert (shown["/fav/one"]["favorite"], shown["/fav/two"]["favorite"]) == ("1", "0")
    assert mark(ada, "/fav/one", "0").status == 207
    assert favourites(ada) == []
    link = Api(server, "ada").share("/fav", kind="link")
    mark(ada, "/fav/one", "1")
    public = Dav(server, "ada", f"/public.php/dav/files/{link['url'].rpartition('/')[2]}")
    public.headers = {}
    assert favourites(public) == []


def search(dav: Dav, where: str, scope: str, order: str = "", root: str = "/remote.php/dav/") -> list[str]:
    body = f"<d:searchrequest {XMLNS}><d:basicsearch><d:select>{PROP}</d:select><d:from><d:scope>"
    body += (
        f"<d:href>{scope}</d:href><d:depth>infinity</d:depth></d:scope></d:from><d:where>{where}</d:where>"
    )
    body += f"<d:orderby>{order}</d:orderby></d:basicsearch></d:searchrequest>"
    return paths(dav, dav.raw("SEARCH", f"/services/sync{root}", body))


def compare(kind: str, prop: str, literal: str) -> str:
    return f"<d:{kind}><d:prop><{prop}/></d:prop><d:literal>{literal}</d:literal></d:{kind}>"


@pytest.fixture(scope="module")
def library(ada: Dav) -> Dav:
    for folder in ("/library", "/library/sub"):
        assert ada("MKCOL", folder).status == 201
    ada.put("/library/Higgs.ipynb", "x" * 10, X_OC_Mtime="1000")
    ada.put("/library/sub/higgs ü.txt", "x" * 2000, X_OC_Mtime="2000")
    ada.put("/library/sub/photo.png", "x" * 300, X_OC_Mtime="3000")
    ada.put("/higgs elsewhere", "x")
    return ada


NAME, KIND, SIZE, TIME = "d:displayname", "d:getcontenttype", "oc:size", "d:getlastmodified"


@pytest.mark.parametrize(
    ("where", "names"),
    [
        (compare("like", NAME, "%higgs%"), {"Higgs.ipynb", "sub/higgs ü.txt"}),
        (compare("like", NAME, "%.txt"), {"sub/higgs ü.txt"}),
        (compare("eq", NAME, "photo.png"), {"sub/photo.png"}),
        (compare("like", KIND, "image/%"), {"sub/photo.png"}),
        (
            compare("gt", SIZE, "299") + "<d:not><d:is-collection/></d:not>",
            {"sub/higgs ü.txt", "sub/photo.png"},
        ),
        (compare("gte", TIME, "1970-01-01T00:50:00+00:00") + compare("lt", SIZE, "301"), {"sub/photo.png"}),
        (
            f"<d:or>{compare('eq', KIND, 'image/png')}{compare('like', NAME, '%.ipynb')}</d:or>",
            {"sub/photo.png", "Higgs.ipynb"},
        ),
        (f"<d:and>{compare('like', NAME, 'h%')}{compare('lt', SIZE, '100')}</d:and>", {"Higgs.ipynb"}),
        ("<d:is-collection/>", {"sub"}),
    ],
)
def test_a_search_finds_what_fits(library: Dav, where: str, names: set[str]) -> None:
    found = search(library, where, "/files/ada/library")
    assert set(found) == {f"/library/{name}" for name in names}


def test_a_search_is_sorted_and_may_name_an_id(library: Dav) -> None:
    larger = f"<d:order><d:prop><{SIZE}/></d:prop><d:descending/></d:order>"
    where = "<d:not><d:is-collection/></d:not>"
    found = search(library, where, library.url("/library"), larger, "/remote.php/dav/files/ada/")
    assert [path.rpartition("/")[2] for path in found] == ["higgs ü.txt", "photo.png", "Higgs.ipynb"]
    number = library.list("/library")["/library/Higgs.ipynb"]["id"][:8]
    assert search(library, compare("eq", "d:fileid", str(int(number))), "/files/ada") == [
        "/library/Higgs.ipynb"
    ]


def test_a_search_stays_in_ones_own_tree(server: SyncServer, library: Dav) -> None:
    bob = Dav(server, "bob")
    assert search(bob, compare("like", NAME, "%photo%"), "/files/bob") == []
    body = f"<d:searchrequest {XMLNS}><d:basicsearch><d:from><d:scope><d:href>/files/ada</d:href></d:scope>"
    body += "</d:from></d:basicsearch></d:searchrequest>"
    assert bob.raw("SEARCH", "/services/sync/remote.php/dav/", body).status == 403
    assert bob.raw("SEARCH", "/services/sync/remote.php/dav/", "<d:x xmlns:d='DAV:'/>").status == 400


def test_owncloud_searches_by_report(library: Dav) -> None:
    body = (
        f"<oc:search-files {XMLNS}>{PROP}<oc:search><oc:pattern>*higgs*</oc:pattern><oc:limit>10</oc:limit>"
    )
    found = paths(library, library("REPORT", "/library", f"{body}</oc:search></oc:search-files>"))
    assert set(found) == {"/library/Higgs.ipynb", "/library/sub/higgs ü.txt"}


def test_there_are_no_system_tags(ada: Dav) -> None:
    for place in ("systemtags/", "systemtags-relations/files/1"):
        url = f"/services/sync/remote.php/dav/{place}"
        assert paths(ada, ada.raw("PROPFIND", url)) == [url.rstrip("/")]


@pytest.mark.parametrize("method", ["MKCOL", "LOCK", "GET", "SEARCH"])
def test_what_a_door_cannot_do_is_refused(ada: Dav, method: str) -> None:
    assert ada.raw(method, "/services/sync/remote.php/dav/trash-bin/ada/").status == 405
    nobody = Dav(ada.server, "ada")
    nobody.headers = {}
    assert nobody.raw(method, "/services/sync/remote.php/dav/trash-bin/ada/").status == 401
