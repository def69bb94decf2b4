"""`cygnet://` on the real service, beyond what the suite of fsspec asks."""

import gc
import os
import time

import fsspec
import pytest
import skhep_testdata
import uproot
from fsspec.asyn import sync

from cygnet_fs_bridge import errors
from cygnet_fs_bridge.filesystem import CygnetFileSystem


@pytest.fixture
def session(server, tmp_path, monkeypatch):
    """The environment of a notebook session of ada."""
    (tmp_path / "token").write_text(server.app_password("ada"))
    monkeypatch.setenv("CYGNET_URL", server.url + "/")
    monkeypatch.setenv("CYGNET_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("CYGNET_USER", "ada")
    yield
    CygnetFileSystem.clear_instance_cache()


@pytest.fixture
def requests(monkeypatch):
    """What is sent, one line for each request."""
    from cygnet_fs_bridge.transport import HttpTransport

    sent, send = [], HttpTransport.send

    def counted(self, request):
        sent.append(f"{request.method} {request.target}")
        return send(self, request)

    monkeypatch.setattr(HttpTransport, "send", counted)
    return sent


def test_a_root_file_is_read_in_one_line_and_few_requests(session, fs, folder, requests):
    fs.put(skhep_testdata.data_path("uproot-HZZ.root"), f"{folder}/hzz.root")
    requests.clear()
    with uproot.open(f"cygnet:/{folder}/hzz.root") as file:
        events = file["events"].arrays(["Muon_Px", "Muon_Py", "Muon_Pz", "Muon_E"])
    assert len(events) == 2421
    assert len(requests) <= 12, requests


def test_many_ranges_of_one_file_are_one_request(fs, folder, requests):
    data = os.urandom(1_000_000)
    fs.pipe_file(f"{folder}/a", data)
    requests.clear()
    starts = [i * 9_000 for i in range(100)]
    found = fs.cat_ranges([f"{folder}/a"] * 100, starts, [start + 100 for start in starts])
    assert found == [data[start : start + 100] for start in starts]
    assert len(requests) == 1


def test_ranges_as_python_slices_them(fs, folder):
    fs.pipe_file(f"{folder}/a", b"0123456789")
    for start, end in ((None, None), (2, 5), (-3, None), (None, -4), (-5, -2), (8, 100), (50, 60), (5, 5)):
        assert fs.cat_file(f"{folder}/a", start, end) == b"0123456789"[start:end]
    wanted = [(-3, None), (0, 2), (50, 60)]
    found = fs.cat_ranges([f"{folder}/a"] * 3, [a for a, _ in wanted], [b for _, b in wanted])
    assert found == [b"789", b"01", b""]


def test_missing_files_do_not_spoil_other_ranges(fs, folder):
    fs.pipe_file(f"{folder}/a", b"012")
    found = fs.cat_ranges([f"{folder}/a", f"{folder}/no"], [0, 0], [2, 2], on_error="return")
    assert found[0] == b"01"
    assert isinstance(found[1], FileNotFoundError)


def test_an_open_file_is_one_version(fs, folder):
    fs.pipe_file(f"{folder}/a", b"1" * 100_000)
    with fs.open(f"{folder}/a", block_size=1000, cache_type="none") as file:
        assert file.read(10) == b"1" * 10
        fs.pipe_file(f"{folder}/a", b"2" * 100_000)
        with pytest.raises(errors.Changed):
            file.read(10)


def test_big_writes_go_up_in_chunks_and_count_when_closed(fs, folder, requests):
    data = os.urandom(2_500_000)
    with fs.open(f"{folder}/a", "wb", block_size=1 << 20) as file:
        for start in range(0, len(data), 300_000):
            file.write(data[start : start + 300_000])
        assert not fs.exists(f"{folder}/a")
    assert fs.cat_file(f"{folder}/a") == data
    assert sum(line.startswith("PUT remote.php/dav/uploads") for line in requests) >= 2


def test_a_write_that_is_given_up_leaves_nothing(fs, folder):
    with fs.transaction:
        with fs.open(f"{folder}/kept", "wb") as file:
            file.write(b"x")
        assert not fs.exists(f"{folder}/kept")
    assert fs.cat_file(f"{folder}/kept") == b"x"
    with pytest.raises(ZeroDivisionError), fs.transaction, fs.open(f"{folder}/gone", "wb") as file:
        file.write(b"x" * 10)
        raise ZeroDivisionError
    assert not fs.exists(f"{folder}/gone")


def test_append_and_exclusive(fs, folder):
    for _ in range(2):
        with fs.open(f"{folder}/log", "ab") as file:
            file.write(b"line\n")
    assert fs.cat_file(f"{folder}/log") == b"line\nline\n"
    with pytest.raises(FileExistsError):
        fs.open(f"{folder}/log", "xb")
    with pytest.raises(FileExistsError):
        fs.pipe_file(f"{folder}/log", b"", mode="create")


def test_pythons_own_errors(fs, folder):
    fs.pipe_file(f"{folder}/file", b"x")
    fs.mkdir(f"{folder}/full/inside")
    with pytest.raises(FileNotFoundError):
        fs.info(f"{folder}/no")
    with pytest.raises(IsADirectoryError):
        fs.cat_file(f"{folder}/full")
    with pytest.raises(IsADirectoryError):
        fs.open(f"{folder}/full")
    with pytest.raises(IsADirectoryError):
        fs.pipe_file(f"{folder}/full", b"x")
    with pytest.raises(FileExistsError):
        fs.mkdir(f"{folder}/full")
    with pytest.raises(NotADirectoryError):
        fs.rmdir(f"{folder}/file")
    with pytest.raises(errors.NotEmpty):
        fs.rm(f"{folder}/full")
    with pytest.raises(errors.InvalidRequest):
        fs.pipe_file(f"{folder}/" + "a" * 256, b"x")


def test_moving_keeps_the_file_and_sends_no_contents(fs, folder, requests):
    fs.pipe_file(f"{folder}/a", b"x" * 1000)
    before = fs.info(f"{folder}/a")["id"]
    requests.clear()
    fs.mv(f"{folder}/a", f"{folder}/new/b")
    assert fs.info(f"{folder}/new/b")["id"] == before
    fs.mv(f"{folder}/new/b", f"{folder}/")
    assert fs.exists(f"{folder}/b")
    assert not any("content" in line for line in requests)
    with pytest.raises(FileNotFoundError):
        fs.mv(f"{folder}/no", f"{folder}/other/x")
    assert not fs.exists(f"{folder}/other")


def test_names_of_all_kinds(fs, folder):
    names = ["ü ñ#%&+?;=@", "日本語", "a" * 255, "%2e%2e", " x "]
    for name in names:
        fs.pipe_file(f"{folder}/{name}", name.encode())
    assert fs.ls(folder, detail=False) == sorted(f"{folder}/{name}" for name in names)
    assert [fs.cat_file(f"{folder}/{name}") for name in names] == [name.encode() for name in names]


def test_a_file_keeps_the_time_that_it_had_on_disk(fs, folder, tmp_path):
    (tmp_path / "a").write_text("x")
    os.utime(tmp_path / "a", (1e9, 1e9))
    fs.put(str(tmp_path / "a"), f"{folder}/a")
    assert fs.modified(f"{folder}/a").timestamp() == 1e9


def test_fsspec_finds_it_by_its_name(session, folder):
    with fsspec.open(f"cygnet:/{folder}/x.txt", "w") as file:
        file.write("by name")
    with fsspec.open(f"cygnet:/{folder}/x.txt") as file:
        assert file.read() == b"by name"


def test_the_garbage_collector_may_come_in_the_thread_of_the_loop(server):
    options = {"url": server.url, "user": "ada", "password": server.app_password("ada")}
    held = [CygnetFileSystem(**options, skip_instance_cache=True)]
    assert held[0].exists("/")
    loop, session = held[0].loop, held[0].caller.transport._session

    async def forget():
        held.clear()
        gc.collect()

    sync(loop, forget)
    deadline = time.monotonic() + 20
    while not session.closed and time.monotonic() < deadline:
        time.sleep(0.01)
    assert session.closed


def test_sharing_through_the_seam_of_providers(server, fs, folder):
    from cygnet_fs_bridge import providers

    provider = providers.load("embedded", fs.caller)
    people = sync(fs.loop, provider.find_people, "stud")
    assert [person.id for person in people] == ["student"]
    fs.pipe_file(f"{folder}/a", b"x")
    request = providers.ShareRequest(f"{folder}/a", "user", "student", "editor", note="look")
    share = sync(fs.loop, provider.create, request)
    assert (share.role, share.note) == ("editor", "look")
    changed = sync(fs.loop, provider.update, share.id, providers.ShareUpdate(role="viewer"))
    assert changed.role == "viewer"
    theirs = CygnetFileSystem(
        url=server.url, user="student", password=server.app_password("student"), skip_instance_cache=True
    )
    received = providers.load("embedded", theirs.caller)
    [seen] = [one for one in sync(theirs.loop, received.list_shares, "with-me") if one.id == share.id]
    assert seen.state == "pending"
    sync(theirs.loop, received.answer, share.id, True)
    node = sync(theirs.loop, received.copy, share.id, "/")
    assert theirs.cat_file(node.path) == b"x"
    sync(fs.loop, provider.remove, share.id)
    assert sync(fs.loop, provider.list_shares, "item", f"{folder}/a") == []
