"""One suite for every share provider, each against the real service by the dialect that it speaks."""

import itertools
import json

import pytest

from cygnet_fs_bridge import errors, providers
from cygnet_fs_bridge.client.api import ApiClient
from cygnet_fs_bridge.client.caller import Caller
from cygnet_fs_bridge.credentials import Basic, Endpoint
from cygnet_fs_bridge.providers import ShareRequest, ShareUpdate
from tests.sync_server import sync_server

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server():
    with sync_server() as running:
        yield running


@pytest.fixture(params=["embedded", "nextcloud", "owncloud"])
async def people(request, server):
    """Providers of ada and of student, and a new folder of ada's with a file in it."""
    callers = {}
    for name in ("ada", "student"):
        credentials = Basic(name, server.app_password(name))
        callers[name] = Caller.to(Endpoint(server.url + "/", credentials, name))
    folder = f"/{request.param}-{next(_numbers)}"
    api = ApiClient(callers["ada"])
    await api.mkdir(folder)
    await api.put(f"{folder}/a b.txt", b"hello", {"Content-Length": "5"})
    ada, student = (providers.load(request.param, caller) for caller in callers.values())
    yield ada, student, folder, ApiClient(callers["student"]), api
    for caller in callers.values():
        await caller.close()


async def test_people_and_groups_are_found(people):
    ada = people[0]
    assert [(one.id, one.kind) for one in await ada.find_people("student")] == [("student", "user")]
    assert ("class", "group") in [(one.id, one.kind) for one in await ada.find_people("cla")]
    assert list(await ada.find_people("nobody-of-this-name")) == []


async def test_a_share_from_making_to_taking_back(people):
    ada, student, folder, *_ = people
    share = await ada.create(ShareRequest(f"{folder}/a b.txt", "user", "student", "editor"))
    assert (share.role, share.item, share.name, share.path) == (
        "editor", "file", "a b.txt", f"{folder}/a b.txt",
    )  # fmt: skip
    assert (share.owner.id, share.grantee.id, share.grantee.kind) == ("ada", "student", "user")
    assert (await ada.update(share.id, ShareUpdate(role="viewer"))).role == "viewer"
    assert [one.id for one in await ada.list_shares("item", f"{folder}/a b.txt")] == [share.id]
    assert share.id in [one.id for one in await ada.list_shares("by-me")]
    assert share.id not in [one.id for one in await ada.list_shares("links")]
    await ada.remove(share.id)
    assert list(await ada.list_shares("item", f"{folder}/a b.txt")) == []
    assert share.id not in [one.id for one in await student.list_shares("with-me")]


async def test_a_received_share_waits_is_accepted_and_declined(people):
    ada, student, folder, tree, _ = people
    share = await ada.create(ShareRequest(folder, "user", "student", "editor"))

    async def seen():
        return {one.id: one for one in await student.list_shares("with-me")}.get(share.id)

    waiting = await seen()
    assert (waiting.state, waiting.path, waiting.item) == ("pending", None, "folder")
    await student.answer(share.id, True)
    accepted = await seen()
    assert (accepted.state, accepted.role) == ("accepted", "editor")
    assert (await tree.stat(accepted.path)).is_folder
    await student.answer(share.id, False)
    declined = await seen()
    assert declined is None or declined.state == "declined"
    with pytest.raises(FileNotFoundError):
        await tree.stat(accepted.path)


async def test_a_shared_file_is_copied_under_a_free_name(people):
    ada, student, folder, tree, own = people
    source, target = f"{folder}/of{folder[1:]}.txt", f"/copies{folder.replace('/', '-')}"
    await own.copy(f"{folder}/a b.txt", source)
    share = await ada.create(ShareRequest(source, "user", "student"))
    await tree.mkdir(target)
    names = [(await student.copy(share.id, target)).path for _ in range(2)]
    stem = f"{target}/of{folder[1:]}"
    assert names == [f"{stem}.txt", f"{stem} (2).txt"]
    assert (await tree.stat(names[1])).size == 5


async def test_links(people):
    ada, _, folder, *_ = people
    link = await ada.create(ShareRequest(folder, "link", password="Secret-123", expires="2099-01-31"))
    assert link.url.startswith("http")
    assert (link.grantee, link.has_password, link.expires, link.role) == (None, True, "2099-01-31", "viewer")
    changed = await ada.update(link.id, ShareUpdate(role="editor", password="", expires=""))
    assert (changed.has_password, changed.expires, changed.role) == (False, None, "editor")
    assert link.id in [one.id for one in await ada.list_shares("links")]
    assert link.id not in [one.id for one in await ada.list_shares("by-me")]


async def test_notes_are_kept_or_refused_but_not_lost(people):
    ada, _, folder, *_ = people
    request = ShareRequest(folder, "user", "student", note="look")
    try:
        share = await ada.create(request)
    except errors.Unsupported:
        assert list(await ada.list_shares("item", folder)) == []
        return
    assert share.note == "look"
    assert (await ada.update(share.id, ShareUpdate(note=""))).note == ""


async def test_errors_have_their_names(people):
    ada, student, folder, *_ = people
    share = await ada.create(ShareRequest(folder, "user", "student"))
    with pytest.raises(errors.NotFound):
        await ada.create(ShareRequest(f"{folder}/no", "user", "student"))
    with pytest.raises(errors.ServiceError):
        await ada.create(ShareRequest(folder, "user", "nobody-of-this-name"))
    with pytest.raises(errors.ServiceError):
        await student.update(share.id, ShareUpdate(role="editor"))
    with pytest.raises(errors.NotFound):
        await ada.remove("999999")
    with pytest.raises(errors.NotFound):
        await student.copy("999999", "/")


async def test_a_share_is_looked_at_before_it_is_accepted_or_that_is_refused(people):
    ada, student, folder, *_ = people
    share = await ada.create(ShareRequest(folder, "user", "student"))
    try:
        async with student.look(share.id, "files", "/") as answer:
            listing = json.loads(await answer.read())
    except errors.Unsupported:
        return
    assert [child["path"] for child in listing["children"]] == ["/a b.txt"]
    async with student.look(share.id, "content", "/a b.txt") as answer:
        assert await answer.read() == b"hello"
    with pytest.raises(errors.NotFound):
        async with student.look(share.id, "content", "/no"):
            pass
