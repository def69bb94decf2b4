"""The system calls one by one: what they do and with which error they refuse, next to a local folder."""

import ctypes
import errno
import fcntl
import multiprocessing
import os
import socket
import stat

import pytest

from tests.fs_bridge.mounted import mounted
from tests.fs_bridge.test_mount import eventually

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.xdist_group("mount")]

_LIBC = ctypes.CDLL(None, use_errno=True)
_NOREPLACE, _EXCHANGE = 1, 2
_AT_FDCWD = -100


@pytest.fixture(scope="module")
def mount(server, tmp_path_factory):
    with mounted(server.url, server.app_password("ada"), tmp_path_factory.mktemp("mount")) as running:
        yield running


@pytest.fixture
def work(mount, folder):
    path = mount.files / folder.strip("/")
    eventually(path.is_dir)
    return path


@pytest.fixture(params=["mount", "local"])
def place(request, tmp_path):
    """A folder in the mount, and one on local disk: what is tested here must be the same in both."""
    if request.param == "local":
        return tmp_path
    return request.getfixturevalue("work")


def renameat2(source, target, flags):
    done = _LIBC.renameat2(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), flags)
    if done:
        raise OSError(ctypes.get_errno(), "renameat2")


def with_descriptor(path, flags, act):
    descriptor = os.open(path, flags)
    try:
        return act(descriptor)
    finally:
        os.close(descriptor)


def prepared(place):
    """Make what the cases below use; return it as a function that gives paths."""
    (place / "file").write_bytes(b"12345")
    (place / "other").write_bytes(b"other")
    (place / "dir" / "inner").mkdir(parents=True)
    (place / "empty").mkdir()
    return place.joinpath


LONG = "n" * 256

REFUSED = [
    (errno.ENOENT, lambda p: os.stat(p("nothing"))),
    (errno.ENOENT, lambda p: os.open(p("nothing"), os.O_RDONLY)),
    (errno.ENOENT, lambda p: os.open(p("nothing", "x"), os.O_CREAT | os.O_WRONLY)),
    (errno.ENOENT, lambda p: os.unlink(p("nothing"))),
    (errno.ENOENT, lambda p: os.rmdir(p("nothing"))),
    (errno.ENOENT, lambda p: os.rename(p("nothing"), p("x"))),
    (errno.ENOENT, lambda p: os.rename(p("file"), p("nothing", "x"))),
    (errno.ENOENT, lambda p: os.mkdir(p("nothing", "x"))),
    (errno.ENOENT, lambda p: os.truncate(p("nothing"), 0)),
    (errno.EEXIST, lambda p: os.mkdir(p("file"))),
    (errno.EEXIST, lambda p: os.mkdir(p("dir"))),
    (errno.EEXIST, lambda p: os.open(p("file"), os.O_CREAT | os.O_EXCL | os.O_WRONLY)),
    (errno.EEXIST, lambda p: os.open(p("dir"), os.O_CREAT | os.O_EXCL | os.O_WRONLY)),
    (errno.EEXIST, lambda p: renameat2(p("file"), p("other"), _NOREPLACE)),
    (errno.ENOTDIR, lambda p: os.stat(p("file", "x"))),
    (errno.ENOTDIR, lambda p: os.listdir(p("file"))),
    (errno.ENOTDIR, lambda p: os.mkdir(p("file", "x"))),
    (errno.ENOTDIR, lambda p: os.rmdir(p("file"))),
    (errno.ENOTDIR, lambda p: os.rename(p("dir"), p("file"))),
    (errno.ENOTDIR, lambda p: os.open(p("file"), os.O_RDONLY | os.O_DIRECTORY)),
    (errno.EISDIR, lambda p: os.open(p("dir"), os.O_WRONLY)),
    (errno.EISDIR, lambda p: os.open(p("dir"), os.O_CREAT | os.O_RDWR)),
    (errno.EISDIR, lambda p: os.unlink(p("dir"))),
    (errno.EISDIR, lambda p: os.rename(p("file"), p("empty"))),
    (errno.EISDIR, lambda p: os.truncate(p("dir"), 0)),
    (errno.EISDIR, lambda p: with_descriptor(p("dir"), os.O_RDONLY, lambda fd: os.read(fd, 1))),
    (errno.ENOTEMPTY, lambda p: os.rmdir(p("dir"))),
    (errno.ENOTEMPTY, lambda p: os.rename(p("empty"), p("dir"))),
    (errno.EINVAL, lambda p: os.rename(p("dir"), p("dir", "inner", "x"))),
    (errno.EINVAL, lambda p: os.truncate(p("file"), -1)),
    (errno.EINVAL, lambda p: os.readlink(p("file"))),
    (errno.EINVAL, lambda p: os.rmdir(str(p("empty")) + "/.")),
    (errno.ENAMETOOLONG, lambda p: os.mkdir(p(LONG))),
    (errno.ENAMETOOLONG, lambda p: os.stat(p(LONG))),
    (errno.ENAMETOOLONG, lambda p: os.rename(p("file"), p(LONG))),
    (errno.ENAMETOOLONG, lambda p: os.open(p(LONG), os.O_CREAT | os.O_WRONLY)),
    (errno.EBADF, lambda p: with_descriptor(p("file"), os.O_RDONLY, lambda fd: os.write(fd, b"x"))),
    (errno.EBADF, lambda p: with_descriptor(p("file"), os.O_WRONLY, lambda fd: os.read(fd, 1))),
    (errno.EINVAL, lambda p: with_descriptor(p("file"), os.O_RDONLY, lambda fd: os.ftruncate(fd, 1))),
    (errno.EINVAL, lambda p: with_descriptor(p("file"), os.O_RDONLY, lambda fd: os.lseek(fd, -1, 0))),
    (
        errno.ENXIO,
        lambda p: with_descriptor(p("file"), os.O_RDONLY, lambda fd: os.lseek(fd, 9, os.SEEK_DATA)),
    ),
]


@pytest.mark.parametrize(("number", "call"), REFUSED)
def test_what_is_refused_is_refused_as_on_a_local_disk(place, number, call):
    paths = prepared(place)
    with pytest.raises(OSError) as refused:
        call(paths)
    assert errno.errorcode[refused.value.errno] == errno.errorcode[number]
    assert (place / "file").read_bytes() == b"12345"
    assert sorted(os.listdir(place)) == ["dir", "empty", "file", "other"]


REFUSED_HERE = [
    (errno.EPERM, lambda p: os.symlink("file", p("x"))),
    (errno.EPERM, lambda p: os.link(p("file"), p("x"))),
    (errno.EPERM, lambda p: os.mkfifo(p("x"))),
    (errno.EPERM, lambda p: os.mknod(p("x"), stat.S_IFCHR | 0o600, os.makedev(1, 3))),
    (errno.EPERM, lambda p: socket.socket(socket.AF_UNIX).bind(str(p("x")))),
    (errno.EPERM, lambda p: os.chown(p("file"), 12345, -1)),
    (errno.EINVAL, lambda p: renameat2(p("file"), p("other"), _EXCHANGE)),
    (errno.EOPNOTSUPP, lambda p: os.setxattr(p("file"), "user.x", b"1")),
]


@pytest.mark.parametrize(("number", "call"), REFUSED_HERE)
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_what_only_the_mount_refuses(work, number, call):
    paths = prepared(work)
    with pytest.raises(OSError) as refused:
        call(paths)
    assert errno.errorcode[refused.value.errno] == errno.errorcode[number]
    assert sorted(os.listdir(work)) == ["dir", "empty", "file", "other"]


def test_offsets_append_and_holes(place):
    path = place / "f"
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND)
    os.write(descriptor, b"ab")
    os.lseek(descriptor, 0, 0)
    os.write(descriptor, b"cd")
    assert os.pread(descriptor, 10, 1) == b"bcd"
    assert os.pread(descriptor, 10, 4) == b""
    os.close(descriptor)
    descriptor = os.open(path, os.O_RDWR)
    assert os.pwrite(descriptor, b"Z", 10) == 1
    os.ftruncate(descriptor, 12)
    assert os.fstat(descriptor).st_size == 12
    assert os.pread(descriptor, 100, 0) == b"abcd" + b"\0" * 6 + b"Z\0"
    os.close(descriptor)
    assert os.stat(path).st_size == 12


def test_two_handles_see_the_same_bytes(place):
    one, two = (os.open(place / "f", os.O_CREAT | os.O_RDWR) for _ in range(2))
    os.pwrite(one, b"hello", 0)
    assert os.pread(two, 10, 0) == b"hello"
    os.pwrite(two, b"J", 0)
    os.close(two)
    assert os.pread(one, 10, 0) == b"Jello"
    os.close(one)
    assert (place / "f").read_bytes() == b"Jello"


def test_a_file_truncated_by_opening_is_empty_at_once(place):
    (place / "f").write_bytes(b"x" * 100)
    descriptor = os.open(place / "f", os.O_WRONLY | os.O_TRUNC)
    assert os.stat(place / "f").st_size == 0
    os.close(descriptor)
    assert (place / "f").read_bytes() == b""


def test_a_renamed_file_stays_the_one_that_is_open(place):
    (place / "d").mkdir()
    with (place / "a").open("w") as file:
        file.write("1")
        os.rename(place / "a", place / "d" / "b")
        file.write("2")
    assert (place / "d" / "b").read_text() == "12"
    os.rename(place / "d", place / "e")
    assert (place / "e" / "b").read_text() == "12"
    assert os.listdir(place) == ["e"]


def test_a_name_used_again_is_another_file(place):
    (place / "a").write_text("first")
    with (place / "a").open() as old:
        os.unlink(place / "a")
        (place / "a").write_text("second")
        assert old.read() == "first"
        assert os.fstat(old.fileno()).st_ino != os.stat(place / "a").st_ino
    assert (place / "a").read_text() == "second"


def test_times_and_modes(place):
    path = place / "f"
    path.write_text("x")
    os.utime(path, ns=(0, 1_600_000_000_123_456_000))
    assert os.stat(path).st_mtime_ns == 1_600_000_000_123_456_000
    os.chmod(path, 0o755)
    assert os.stat(path).st_mode == stat.S_IFREG | 0o755
    path.write_text("y")
    assert os.stat(path).st_mode == stat.S_IFREG | 0o755
    assert os.stat(path).st_mtime > 1_700_000_000
    assert os.stat(place).st_mode & 0o700 == 0o700
    assert os.access(path, os.X_OK)


def test_listing_a_folder_that_changes_gives_what_stays(place):
    names = {f"n{number}" for number in range(300)}
    for name in names:
        (place / name).mkdir()
    seen = []
    with os.scandir(place) as entries:
        for entry in entries:
            seen.append(entry.name)
            if len(seen) == 10:
                (place / "late").mkdir()
                os.rmdir(place / seen[0])
    assert names - {seen[0]} <= set(seen)
    assert len(seen) == len(set(seen))


def hold(path, kind, ready, end):
    with open(path, "r+b") as file:
        (fcntl.lockf if kind == "record" else fcntl.flock)(file, fcntl.LOCK_EX)
        ready.set()
        end.wait(20)


@pytest.mark.parametrize("kind", ["record", "whole"])
def test_locks_hold_among_processes(place, kind):
    (place / "f").write_bytes(b"x" * 10)
    spawn = multiprocessing.get_context("spawn")
    ready, end = spawn.Event(), spawn.Event()
    holder = spawn.Process(target=hold, args=(place / "f", kind, ready, end))
    holder.start()
    try:
        assert ready.wait(20)
        lock = fcntl.lockf if kind == "record" else fcntl.flock
        with (place / "f").open("r+b") as file:
            with pytest.raises(BlockingIOError):
                lock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end.set()
            holder.join(20)
            lock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        end.set()
        holder.join(20)


def test_the_folder_itself(mount):
    told = os.statvfs(mount.files)
    assert (told.f_namemax, told.f_bsize, told.f_bavail > 0) == (255, 4096, True)
    assert os.stat(mount.files).st_ino == 1
    with pytest.raises(OSError) as busy:
        os.rmdir(mount.files)
    assert busy.value.errno == errno.EBUSY
