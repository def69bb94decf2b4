"""The mount through the kernel, on the real service: what programs expect of files."""

import errno
import hashlib
import os
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from fsspec.asyn import sync

from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.fs_bridge.mounted import is_mounted, mounted, start

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.xdist_group("mount")]

SEEN = 5.0  # seconds until a change must be seen; far above what it takes, for a busy machine


@pytest.fixture(scope="module")
def mount(server, tmp_path_factory):
    base = tmp_path_factory.mktemp("mount")
    with mounted(server.url, server.app_password("ada"), base, "--consistency", "close") as running:
        yield running


@pytest.fixture
def work(mount, folder):
    """A new folder, as the mount shows it."""
    path = mount.files / folder.strip("/")
    eventually(path.is_dir)
    return path


def eventually(check, limit=SEEN):
    deadline = time.monotonic() + limit
    while not check():
        assert time.monotonic() < deadline, "it was not seen in time"
        time.sleep(0.01)


def run(*command, cwd, **options):
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, timeout=60, **options)


def test_the_state_is_told(mount):
    assert mount.state == {"state": "ready", "pending": 0, "message": ""}


def test_a_closed_file_is_at_the_service(work, fs, folder):
    (work / "a.txt").write_text("hello")
    assert fs.cat_file(f"{folder}/a.txt") == b"hello"


def test_a_synced_file_is_at_the_service_before_it_is_closed(work, fs, folder):
    with (work / "a").open("wb") as file:
        file.write(b"first")
        file.flush()
        os.fsync(file.fileno())
        assert fs.cat_file(f"{folder}/a") == b"first"
        file.write(b" second")
    assert fs.cat_file(f"{folder}/a") == b"first second"


def test_an_overwrite_keeps_the_identity_of_the_file(work, fs, folder):
    (work / "a").write_text("one")
    before = fs.info(f"{folder}/a")
    (work / "a").write_text("two")
    after = fs.info(f"{folder}/a")
    assert (before["id"], fs.cat_file(f"{folder}/a")) == (after["id"], b"two")


def test_append_truncate_and_holes(work):
    path = work / "a"
    path.write_bytes(b"12345")
    with path.open("ab") as file:
        file.write(b"67")
    assert path.read_bytes() == b"1234567"
    os.truncate(path, 3)
    assert path.read_bytes() == b"123"
    os.truncate(path, 6)
    assert path.read_bytes() == b"123\0\0\0"
    with path.open("r+b") as file:
        file.seek(10)
        file.write(b"x")
    assert path.read_bytes() == b"123" + b"\0" * 7 + b"x"


def test_an_exclusive_create_finds_what_is_there(work, fs, folder):
    fs.pipe_file(f"{folder}/theirs", b"1")
    eventually((work / "theirs").exists)
    for name in ("mine", "theirs"):
        (work / name).touch()
        with pytest.raises(FileExistsError):
            os.open(work / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY)


def test_rename_over_a_file_and_what_is_refused(work, fs, folder):
    (work / "new").write_text("new")
    (work / "old").write_text("old")
    os.rename(work / "new", work / "old")
    assert os.listdir(work) == ["old"]
    assert fs.cat_file(f"{folder}/old") == b"new"
    (work / "full" / "x").mkdir(parents=True)
    (work / "empty").mkdir()
    with pytest.raises(IsADirectoryError):
        os.rename(work / "old", work / "empty")
    with pytest.raises(NotADirectoryError):
        os.rename(work / "empty", work / "old")
    with pytest.raises(OSError) as full:
        os.rename(work / "empty", work / "full")
    assert full.value.errno == errno.ENOTEMPTY
    os.rename(work / "full", work / "empty")
    assert sorted(os.listdir(work)) == ["empty", "old"]
    assert fs.isdir(f"{folder}/empty/x")


def test_rename_of_a_file_that_is_open_and_not_saved_yet(work, fs, folder):
    with (work / "draft").open("w") as file:
        file.write("text")
        os.rename(work / "draft", work / "final")
    assert fs.cat_file(f"{folder}/final") == b"text"
    assert fs.ls(folder, detail=False) == [f"{folder}/final"]


def test_a_removed_file_stays_readable_while_it_is_open(work, fs, folder):
    fs.pipe_file(f"{folder}/a", b"x" * 300_000)
    eventually((work / "a").exists)
    with (work / "a").open("rb") as file, (work / "b").open("w+") as other:
        other.write("mine")
        os.unlink(work / "a")
        os.unlink(work / "b")
        assert not fs.exists(f"{folder}/a")
        assert file.read() == b"x" * 300_000
        other.seek(0)
        assert other.read() == "mine"
        assert os.fstat(other.fileno()).st_nlink == 0
    assert os.listdir(work) == []
    assert fs.ls(folder) == []


def test_folders(work):
    (work / "a" / "b").mkdir(parents=True)
    with pytest.raises(OSError) as full:
        os.rmdir(work / "a")
    assert full.value.errno == errno.ENOTEMPTY
    with pytest.raises(FileExistsError):
        os.mkdir(work / "a")
    with pytest.raises(IsADirectoryError):
        os.unlink(work / "a")
    os.rmdir(work / "a" / "b")
    os.rmdir(work / "a")
    with pytest.raises(FileNotFoundError):
        os.rmdir(work / "a")


def test_time_stamps_survive(work, fs, folder):
    (work / "a").write_text("x")
    os.utime(work / "a", ns=(10**18, 10**18 + 123_456_000))
    assert os.stat(work / "a").st_mtime_ns == 10**18 + 123_456_000
    assert fs.info(f"{folder}/a")["mtime"] == pytest.approx(10**9 + 0.123456, abs=1e-6)
    with (work / "b").open("w") as file:
        file.write("x")
        file.flush()
        os.utime(file.fileno(), (5.0, 7.0))
    assert (os.stat(work / "b").st_mtime, fs.info(f"{folder}/b")["mtime"]) == (7.0, 7.0)
    before = os.stat(work / "b").st_mtime_ns
    (work / "b").write_text("again")
    assert os.stat(work / "b").st_mtime_ns > before


def test_links_are_refused(work):
    (work / "a").touch()
    for link in (os.symlink, os.link):
        with pytest.raises(PermissionError):
            link(work / "a", work / "b")
    with pytest.raises(PermissionError):
        os.mkfifo(work / "fifo")


def test_names(work, fs, folder):
    for name in ("ü ñ#%&+?", "a" * 255, "日本語.txt", " leading", "trailing."):
        (work / name).write_text(name)
        assert fs.cat_file(f"{folder}/{name}") == name.encode()
    with pytest.raises(OSError) as long:
        (work / ("a" * 256)).touch()
    assert long.value.errno == errno.ENAMETOOLONG
    with pytest.raises(OSError) as odd:
        os.open(os.fsencode(work) + b"/\xff", os.O_CREAT | os.O_WRONLY)
    assert odd.value.errno in (errno.EILSEQ, errno.EINVAL)


def test_reading_at_random_and_in_order(work, fs, folder):
    data = os.urandom(5_000_001)
    fs.pipe_file(f"{folder}/big", data)
    eventually((work / "big").exists)
    with (work / "big").open("rb", buffering=0) as file:
        for start in (4_000_000, 10, 5_000_000, 2_345_678, 131_071):
            file.seek(start)
            assert file.read(70_000) == data[start : start + 70_000]
    assert hashlib.sha256((work / "big").read_bytes()).digest() == hashlib.sha256(data).digest()


def test_what_others_change_is_seen(work, fs, folder):
    fs.pipe_file(f"{folder}/a", b"one")
    eventually((work / "a").exists)
    assert (work / "a").read_bytes() == b"one"
    fs.pipe_file(f"{folder}/a", b"second")
    eventually(lambda: (work / "a").read_bytes() == b"second")
    assert os.stat(work / "a").st_size == 6
    fs.mv(f"{folder}/a", f"{folder}/b")
    eventually((work / "b").exists)
    assert (work / "b").read_bytes() == b"second"
    assert not (work / "a").exists()
    fs.rm(f"{folder}/b")
    eventually(lambda: os.listdir(work) == [])
    assert not (work / "b").exists()


def test_an_open_file_stays_the_version_that_was_opened(work, fs, folder):
    fs.pipe_file(f"{folder}/a", b"1" * 200_000)
    eventually((work / "a").exists)
    with (work / "a").open("rb", buffering=0) as file:
        assert file.read(10) == b"1" * 10
        fs.pipe_file(f"{folder}/a", b"2" * 200_000)
        eventually(lambda: (work / "a").read_bytes() == b"2" * 200_000)
        assert set(file.read()) == set(b"1")
    assert (work / "a").read_bytes() == b"2" * 200_000


def test_two_who_write_one_file_both_keep_their_version(work, fs, folder, mount):
    (work / "a.txt").write_text("base")
    with pytest.raises(OSError) as stale, (work / "a.txt").open("w") as file:
        file.write("mine")
        file.flush()
        fs.pipe_file(f"{folder}/a.txt", b"theirs")
    assert stale.value.errno == errno.ESTALE
    assert fs.cat_file(f"{folder}/a.txt") == b"theirs"
    [copy] = [name for name in fs.ls(folder, detail=False) if "conflicted copy" in name]
    assert fs.cat_file(copy) == b"mine"
    assert copy in str(mount.state["message"])
    eventually(lambda: (work / "a.txt").read_text() == "theirs")
    assert len(os.listdir(work)) == 2


def test_a_share_to_look_at_refuses_writes(server, mount, fs):
    student = CygnetFileSystem(
        url=server.url, user="student", password=server.app_password("student"), skip_instance_cache=True
    )
    student.pipe_file("/lesson/a.txt", b"look")
    wish = {"path": "/lesson", "kind": "user", "grantee": "ada", "role": "viewer"}
    share = sync(student.loop, student.api.create_share, wish)
    sync(fs.loop, fs.api.answer_share, share.id, True)
    lesson = mount.files / "Shares" / "lesson"
    eventually(lesson.is_dir)
    assert (lesson / "a.txt").read_text() == "look"
    assert os.stat(lesson / "a.txt").st_mode & 0o777 == 0o444
    for attempt in (
        lambda: (lesson / "a.txt").write_text("x"),
        lambda: (lesson / "b.txt").write_text("x"),
        lambda: os.unlink(lesson / "a.txt"),
        lambda: os.mkdir(lesson / "d"),
        lambda: os.rename(lesson / "a.txt", mount.files / "stolen.txt"),
        lambda: os.truncate(lesson / "a.txt", 0),
    ):
        with pytest.raises(PermissionError):
            attempt()
    assert student.cat_file("/lesson/a.txt") == b"look"


def test_the_room_is_that_of_the_person(work):
    room = os.statvfs(work)
    assert room.f_bavail > 0
    assert room.f_namemax == 255


def test_git(work):
    git = {**os.environ, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
           "GIT_COMMITTER_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": "/dev/null"}  # fmt: skip
    run("git", "init", "-q", "one", cwd=work, env=git)
    for number in range(5):
        (work / "one" / f"file{number}").write_text("text")
    run("git", "add", ".", cwd=work / "one", env=git)
    run("git", "commit", "-q", "-m", "first", cwd=work / "one", env=git)
    assert run("git", "status", "--short", cwd=work / "one", env=git).stdout == b""
    run("git", "clone", "-q", "one", "two", cwd=work, env=git)
    assert (work / "two" / "file4").read_text() == "text"
    assert run("git", "fsck", "--full", cwd=work / "two", env=git).returncode == 0


def test_sqlite_with_a_journal(work):
    with sqlite3.connect(work / "x.db") as database:
        database.execute("create table t (a)")
        database.executemany("insert into t values (?)", [(i,) for i in range(500)])
        database.commit()
        database.execute("delete from t where a >= 100")
        database.rollback()
        assert database.execute("select count(*) from t").fetchone() == (500,)
    database.close()
    with sqlite3.connect(work / "x.db") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    database.close()


def test_tar_and_cp(work, tmp_path):
    source = tmp_path / "tree"
    for number in range(20):
        (source / f"d{number % 4}").mkdir(parents=True, exist_ok=True)
        (source / f"d{number % 4}" / f"f{number}").write_bytes(os.urandom(number * 1000))
    run("tar", "cf", tmp_path / "x.tar", "-C", tmp_path, "tree", cwd=tmp_path)
    run("tar", "xf", tmp_path / "x.tar", cwd=work)
    run("cp", "-rp", source, "copied", cwd=work)
    for copy in ("tree", "copied"):
        run("diff", "-r", source, work / copy, cwd=work)
        assert os.stat(work / copy / "d1" / "f1").st_mtime_ns // 10**9 == int(
            os.stat(source / "d1" / "f1").st_mtime
        )
    run("rm", "-r", "tree", "copied", cwd=work)
    assert os.listdir(work) == []


def test_jupyters_way_of_saving(work, fs, folder):
    """Copy the old version aside, write in place and sync, remove the copy; kernels read while it happens."""
    from jupyter_server.services.contents.fileio import atomic_writing

    for text in ("first", "second, longer", "third"):
        with atomic_writing(str(work / "a.ipynb")) as file:
            file.write(text)
        assert fs.cat_file(f"{folder}/a.ipynb") == text.encode()
    assert os.listdir(work) == ["a.ipynb"]


def test_several_threads_work_at_once(work):
    failures = []

    def churn(number):
        try:
            for turn in range(5):
                path = work / f"t{number}-{turn}"
                path.write_bytes(bytes([number]) * 10_000)
                assert path.read_bytes() == bytes([number]) * 10_000
                path.rename(work / f"done{number}-{turn}")
        except (OSError, AssertionError) as error:
            failures.append(error)

    threads = [threading.Thread(target=churn, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert len(os.listdir(work)) == 30


def test_memory_mapped_writes_are_saved(work, fs, folder):
    # In a process of its own: a page fault holds Python's lock, which the service in this process needs.
    script = (
        "import mmap\n"
        "with open('a', 'r+b') as file, mmap.mmap(file.fileno(), 0) as mapped:\n"
        "    mapped[5000:5005] = b'hello'\n"
        "    mapped.flush()\n"
    )
    (work / "a").write_bytes(b"\0" * 10_000)
    run(sys.executable, "-c", script, cwd=work)
    assert fs.cat_file(f"{folder}/a")[5000:5005] == b"hello"


def test_sigterm_unmounts_and_leaves_nothing(server, tmp_path):
    with mounted(server.url, server.app_password("bob"), tmp_path) as mount:
        file = (mount.files / "open").open("w")
        file.write("not closed")
        file.flush()
        assert mount.stop() == 0
        with pytest.raises(OSError):
            file.close()
        assert not is_mounted(mount.files)
        assert mount.state["state"] == "stopping"
        assert os.listdir(tmp_path / "cache") == []
    bob = CygnetFileSystem(
        url=server.url, user="bob", password=server.app_password("bob"), skip_instance_cache=True
    )
    assert bob.cat_file("/open") == b"not closed"


def test_a_killed_mount_is_replaced_and_nothing_acknowledged_is_lost(server, tmp_path):
    with mounted(server.url, server.app_password("bob"), tmp_path) as mount:
        (mount.files / "saved").write_text("safe")
        mount.kill()
        with pytest.raises(OSError) as gone:
            os.listdir(mount.files)
        assert gone.value.errno == errno.ENOTCONN
        again = start(server.url, server.app_password("bob"), tmp_path)
        try:
            assert (again.files / "saved").read_text() == "safe"
        finally:
            assert again.stop() == 0
        assert not is_mounted(mount.files)
