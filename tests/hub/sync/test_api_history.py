"""The trash, versions, uploads that go on, and a look at shares, as the Files site asks for them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from tests.hub.sync.api import Api
from tests.sync_server import SyncServer


def delete(api: Api, *paths: str) -> None:
    assert api("POST", "files/delete", {"paths": list(paths)})["failed"] == []


def restore(api: Api, *ids: str) -> dict[str, Any]:
    return dict(api("POST", "trash/restore", {"ids": list(ids)}))


def test_what_is_deleted_says_where_it_was_and_comes_back(teacher: Api) -> None:
    teacher("POST", "folders", {"path": "/t"}, 201)
    node = teacher.put("/t/x.txt", b"1234")
    delete(teacher, "/t/x.txt")
    item = next(item for item in teacher("GET", "trash")["items"] if item["id"] == node["id"])
    assert (item["path"], item["kind"], item["size"], item["mime"]) == ("/t/x.txt", "file", 4, "text/plain")
    assert item["deleted_by"]["id"] == "teacher"
    assert [n["path"] for n in restore(teacher, node["id"])["restored"]] == ["/t/x.txt"]
    assert teacher.names("/t") == ["x.txt"]
    assert restore(teacher, node["id"])["failed"][0]["error"]["code"] == "not-found"


def test_only_what_is_unchanged_or_empty_is_deleted(teacher: Api) -> None:
    for path in ("/guarded", "/guarded/full", "/guarded/empty"):
        teacher("POST", "folders", {"path": path}, 201)
    old = teacher.put("/guarded/changed.txt", b"1")["etag"]
    teacher.put("/guarded/changed.txt", b"2")
    same = teacher.put("/guarded/same.txt")["etag"]
    teacher.put("/guarded/full/inner.txt")
    paths = [f"/guarded/{name}" for name in ("changed.txt", "same.txt", "full", "empty")]
    etags = {paths[0]: old, paths[1]: same}
    answer = teacher("POST", "files/delete", {"paths": paths, "etags": etags, "only_empty": True})
    assert answer["deleted"] == [paths[1], paths[3]]
    codes = {failed["path"]: failed["error"]["code"] for failed in answer["failed"]}
    assert codes == {paths[0]: "precondition-failed", paths[2]: "conflict"}
    assert teacher.names("/guarded") == ["changed.txt", "full"]
    within = ["/guarded/full/inner.txt", "/guarded/full"]
    assert teacher("POST", "files/delete", {"paths": within, "only_empty": True})["deleted"] == within


def test_it_follows_its_folder_or_goes_to_the_top_and_never_replaces_anything(teacher: Api) -> None:
    teacher("POST", "folders", {"path": "/moved"}, 201)
    first, second = teacher.put("/moved/f.txt"), teacher.put("/moved/g.txt")
    delete(teacher, "/moved/f.txt", "/moved/g.txt")
    teacher("POST", "files/move", {"source": "/moved", "destination": "/elsewhere"})
    teacher.put("/elsewhere/f.txt", b"in the way")
    assert restore(teacher, first["id"])["restored"][0]["path"] == "/elsewhere/f (2).txt"
    delete(teacher, "/elsewhere")
    assert restore(teacher, second["id"])["restored"][0]["path"] == "/g.txt"


def test_deleting_for_ever(teacher: Api) -> None:
    one, two = teacher.put("/one.txt"), teacher.put("/two.txt")
    delete(teacher, "/one.txt", "/two.txt")
    answer = teacher("POST", "trash/delete", {"ids": [one["id"], "999999"]})
    assert answer["deleted"] == [one["id"]]
    assert [failed["id"] for failed in answer["failed"]] == ["999999"]
    left = [item["id"] for item in teacher("GET", "trash")["items"]]
    assert two["id"] in left and one["id"] not in left
    teacher("DELETE", "trash", status=204)
    assert teacher("GET", "trash")["items"] == []


def test_who_deletes_from_a_shared_folder_can_undo_it_and_nobody_else(
    server: SyncServer, teacher: Api, student: Api
) -> None:
    teacher("POST", "folders", {"path": "/group work"}, 201)
    node = teacher.put("/group work/plan.txt")
    share = teacher.share("/group work", "student", role="editor")
    student("POST", f"shares/{share['id']}/accept")
    delete(student, "/Shares/group work/plan.txt")
    assert restore(Api(server, "ada"), node["id"])["restored"] == []
    assert student("GET", "trash")["items"] == []
    assert restore(student, node["id"])["restored"][0]["path"] == "/Shares/group work/plan.txt"
    delete(student, "/Shares/group work/plan.txt")
    teacher("DELETE", f"shares/{share['id']}", status=204)
    assert restore(student, node["id"])["failed"][0]["error"]["code"] == "not-found"


def test_versions_are_listed_read_and_restored(teacher: Api) -> None:
    for text in (b"first", b"second one", b"third"):
        teacher.put("/v.txt", text)
    versions = teacher("GET", "versions?path=/v.txt")["versions"]
    assert [(v["size"], v["current"]) for v in versions] == [(5, True), (10, False), (5, False)]
    assert versions[0]["author"]["id"] == "teacher"
    content = teacher.http.get(f"/api/v1/versions/{versions[1]['id']}/content?path=/v.txt&download=1")
    assert content.content == b"second one"
    assert "attachment" in content.headers["Content-Disposition"]
    assert "sandbox" in content.headers["Content-Security-Policy"]
    teacher("POST", f"versions/{versions[2]['id']}/restore", {"path": "/v.txt"})
    assert teacher.http.get("/api/v1/content?path=/v.txt").content == b"first"
    assert len(teacher("GET", "versions?path=/v.txt")["versions"]) == 4
    teacher.put("/other.txt")
    assert teacher.error("GET", f"versions/{versions[1]['id']}/content?path=/other.txt")[0] == 404
    assert teacher.error("GET", "versions?path=/")[0] == 404


def send(api: Api, upload: str, offset: int, data: bytes, status: int = 200) -> Any:
    return api("PUT", f"uploads/{upload}/{offset}", content=data, status=status)


def test_an_upload_goes_on_after_a_break(teacher: Api) -> None:
    begun = teacher("POST", "uploads", {"path": "/big.bin", "size": 9}, 201)
    assert begun["received"] == 0 and begun["part_size"] > 0
    send(teacher, begun["id"], 0, b"abcd")
    assert teacher("GET", f"uploads/{begun['id']}")["received"] == 4
    send(teacher, begun["id"], 3, b"x", status=409)
    send(teacher, begun["id"], 0, b"abcd")  # its answer had not come
    assert send(teacher, begun["id"], 4, b"efghi")["received"] == 9
    end = {"path": "/big.bin", "size": 9, "mtime": 1700000000}
    finish = f"uploads/{begun['id']}/finish"
    node = teacher("POST", finish, end, 201, headers={"If-None-Match": "*"})
    assert (node["size"], node["mtime"]) == (9, 1700000000)
    assert teacher("POST", finish, end, 201, headers={"If-None-Match": "*"})["etag"] == node["etag"]
    assert teacher.http.get("/api/v1/content?path=/big.bin").content == b"abcdefghi"


def test_an_upload_replaces_only_what_was_seen(teacher: Api) -> None:
    seen = teacher.put("/shared.bin", b"old")
    begun = teacher("POST", "uploads", {"path": "/shared.bin", "size": 3}, 201)
    send(teacher, begun["id"], 0, b"new")
    teacher.put("/shared.bin", b"somebody else's")
    headers = {"If-Match": f'"{seen["etag"]}"'}
    teacher("POST", f"uploads/{begun['id']}/finish", {"path": "/shared.bin", "size": 3}, 412, headers=headers)
    assert teacher.http.get("/api/v1/content?path=/shared.bin").content == b"somebody else's"
    teacher("DELETE", f"uploads/{begun['id']}", status=204)
    teacher("GET", f"uploads/{begun['id']}", status=404)


def test_bad_uploads_are_refused_in_words(teacher: Api, student: Api) -> None:
    assert teacher.error("POST", "uploads", {"path": "/no/such/x", "size": 1})[0] == 409
    assert teacher.error("POST", "uploads", {"path": "/x"})[0] == 400
    begun = teacher("POST", "uploads", {"path": "/short.bin", "size": 5}, 201)
    send(teacher, begun["id"], 0, b"abc")
    send(student, begun["id"], 3, b"de", status=404)
    status, words = teacher.error("POST", f"uploads/{begun['id']}/finish", {"path": "/short.bin", "size": 5})
    assert status == 400 and "missing" in words


def test_a_share_is_looked_at_without_being_accepted(server: SyncServer, teacher: Api, student: Api) -> None:
    teacher("POST", "folders", {"path": "/look"}, 201)
    teacher.put("/look/inside.txt", b"seen")
    teacher.put("/alone.txt", b"one file")
    teacher.put("/private.txt", b"not shared")
    folder, file = teacher.share("/look", "student", role="editor"), teacher.share("/alone.txt", "student")
    children = student("GET", f"shares/{folder['id']}/files?path=/")["children"]
    assert [(node["path"], node["permissions"]) for node in children]
    assert student.http.get(f"/api/v1/shares/{folder['id']}/content?path=/inside.txt").content == b"seen"
    assert student.http.get(f"/api/v1/shares/{file['id']}/content").content == b"one file"
    archive = student.http.get(f"/api/v1/shares/{folder['id']}/archive?path=/").content
    assert zipfile.ZipFile(io.BytesIO(archive)).read("inside.txt") == b"seen"
    for path in ("/private.txt", "/../private.txt"):
        assert student.http.get(f"/api/v1/shares/{folder['id']}/content?path={path}").status_code >= 400
    assert {share["state"] for share in student("GET", "shares?view=with-me")["shares"]} >= {"pending"}
    assert "Shares" not in student.names() or "look" not in student.names("/Shares")
    assert Api(server, "ada").error("GET", f"shares/{folder['id']}/files")[0] == 404
    assert teacher.error("GET", f"shares/{folder['id']}/files")[0] == 404
    link = teacher.share("/alone.txt", kind="link")
    assert student.error("GET", f"shares/{link['id']}/files")[0] == 404
