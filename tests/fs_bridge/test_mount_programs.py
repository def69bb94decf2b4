"""Programs that people run on their files, in the mount.

`CYGNET_MOUNT_MIB=5120 pytest tests/fs_bridge/test_mount_programs.py -k large` copies 5 GiB in and out.
"""

import hashlib
import os
import subprocess
import sys
import zipfile

import pytest

from tests.fs_bridge.mounted import is_mounted, mounted
from tests.fs_bridge.test_mount import eventually

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.xdist_group("mount")]

MIB = int(os.environ.get("CYGNET_MOUNT_MIB", "300"))

# Of stress-ng's class of filesystems: what is about no files of ours, and what a mount refuses.
NOT_OURS = {"bind-mount", "binderfs", "eventfd", "ioprio", "procfs"}
REFUSED = {"fiemap", "link", "symlink", "verity", "xattr"}
BESIDES = ("seek", "sendfile")  # of other classes


def stressors():
    """Return the names of stress-ng's stressors of filesystems."""
    said = subprocess.run(
        ["stress-ng", "--class", "filesystem?"], capture_output=True, text=True, timeout=20, check=False
    )
    return said.stdout.partition(":")[2].split()


@pytest.fixture(scope="module")
def mount(server, tmp_path_factory):
    with mounted(server.url, server.app_password("ada"), tmp_path_factory.mktemp("mount")) as running:
        yield running


@pytest.fixture
def work(mount, folder):
    path = mount.files / folder.strip("/")
    eventually(path.is_dir)
    return path


def digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sent(mount, limit=30):
    eventually(lambda: mount.state["pending"] == 0, limit)
    assert mount.state == {"state": "ready", "pending": 0, "message": ""}


def run(*command, cwd, limit=90, **options):
    done = subprocess.run(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit, **options
    )
    assert done.returncode == 0, done.stdout.decode()
    return done.stdout.decode()


@pytest.mark.needs("git")
def test_git_clone_and_status(work, mount, tmp_path):
    git = {**os.environ, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
           "GIT_COMMITTER_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": "/dev/null"}  # fmt: skip
    origin = tmp_path / "origin"
    for number in range(60):
        (origin / f"d{number % 6}").mkdir(parents=True, exist_ok=True)
        (origin / f"d{number % 6}" / f"f{number}.txt").write_text(f"{number}\n" * 50)
    (origin / "run.sh").write_text("#!/bin/sh\n")
    (origin / "run.sh").chmod(0o755)
    run("git", "init", "-q", cwd=origin, env=git)
    run("git", "add", ".", cwd=origin, env=git)
    run("git", "commit", "-q", "-m", "first", cwd=origin, env=git)
    run("git", "clone", "-q", str(origin), "clone", cwd=work, env=git)
    clone = work / "clone"
    for _ in range(2):
        assert run("git", "status", "--short", cwd=clone, env=git) == ""
    (clone / "d1" / "f1.txt").write_text("changed\n")
    (clone / "new").write_text("new\n")
    assert sorted(run("git", "status", "--short", cwd=clone, env=git).splitlines()) == [
        " M d1/f1.txt", "?? new"]  # fmt: skip
    run("git", "add", ".", cwd=clone, env=git)
    run("git", "commit", "-q", "-m", "second", cwd=clone, env=git)
    run("git", "gc", "-q", cwd=clone, env=git)
    run("git", "fsck", "--full", cwd=clone, env=git)
    sent(mount)


def test_pip_installs_into_a_folder(work, mount, tmp_path):
    wheel = tmp_path / "smallpackage-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for number in range(20):
            archive.writestr(f"smallpackage/m{number}.py", f"value = {number}\n")
        archive.writestr("smallpackage/__init__.py", "from .m7 import value\n")
        info = "smallpackage-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: smallpackage\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--disable-pip-version-check"]
    run(*pip, "--target", "lib", str(wheel), cwd=work)
    script = "import smallpackage; print(smallpackage.value)"
    assert run(sys.executable, "-c", script, cwd=work / "lib") == "7\n"
    sent(mount)


@pytest.mark.needs("vim")
@pytest.mark.parametrize("way", ["yes", "no", "auto"])
def test_vim_saves(work, fs, folder, mount, way):
    run("vim", "-es", "-u", "NONE", "-c", f"set backup backupcopy={way}", "-c", "e a.txt", "-c",
        "normal ihello", "-c", "w", "-c", "normal A world", "-c", "wq", cwd=work)  # fmt: skip
    assert (work / "a.txt").read_text() == "hello world\n"
    sent(mount)
    assert fs.cat_file(f"{folder}/a.txt") == b"hello world\n"


@pytest.mark.timeout(3600)
def test_a_large_file_is_copied_in_and_out(work, fs, folder, mount, tmp_path):
    """Larger than a chunk, so that it goes up in several."""
    block, source = os.urandom(1 << 20), tmp_path / "big"
    with source.open("wb") as file:
        for number in range(MIB):
            file.write(number.to_bytes(4, "big") + block[4:])
    run("cp", source, work / "big", cwd=work, limit=600)
    with (work / "big").open("rb") as file:
        os.fsync(file.fileno())
    assert fs.info(f"{folder}/big")["size"] == MIB << 20
    expected = digest(source)
    with fs.open(f"{folder}/big") as there:
        assert hashlib.file_digest(there, "sha256").hexdigest() == expected
    run("cp", work / "big", tmp_path / "copy", cwd=work, limit=600)
    assert digest(tmp_path / "copy") == expected
    os.unlink(work / "big")


@pytest.mark.needs("stress-ng")
def test_stress_ng_finds_nothing_wrong(work, mount):
    names = {*stressors(), *BESIDES} - NOT_OURS - REFUSED
    assert len(names) > 30
    options = [word for name in sorted(names) for word in (f"--{name}", "1", f"--{name}-ops", "5")]
    # It removes one by one as many folders as it made, by itself 8,192.
    options += ["--chdir-dirs", "64"]
    said = run("stress-ng", *options, "--sequential", "1", "--timeout", "1", "--verify", "--oomable",
               "--temp-path", str(work), cwd=work, limit=300)  # fmt: skip
    assert "unsuccessful" not in said.replace("failed: 0", "")
    sent(mount)
    assert os.listdir(work) == []


@pytest.mark.needs("fio")
@pytest.mark.parametrize(
    "job",
    [
        ["--size=3m", "--bs=4k", "--rw=randwrite", "--verify=crc32c", "--nrfiles=3"],
        ["--size=6m", "--bsrange=512-64k", "--rw=randrw", "--verify=sha1", "--fsync=50"],
    ],
)
def test_fio_reads_what_it_wrote(work, mount, job):
    run("fio", "--name=v", "--directory=.", "--ioengine=psync", "--do_verify=1", "--verify_fatal=1",
        "--verify_state_save=0", *job, cwd=work)  # fmt: skip
    sent(mount)


def test_mounting_in_the_background(server, tmp_path, mount):
    files, state = tmp_path / "files", tmp_path / "state.json"
    files.mkdir()
    (tmp_path / "token").write_text(server.app_password("bob"))
    command = [sys.executable, "-m", "cygnet_fs_bridge.cli", "mount", str(files), "--url", server.url,
               "--token-file", str(tmp_path / "token"), "--cache-dir", str(tmp_path / "cache"),
               "--state-file", str(state)]  # fmt: skip
    assert "Unmount with" in run(*command, cwd=tmp_path)
    try:
        (files / "a").write_text("kept")
        again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert again.returncode != 0
        assert "mounted" in again.stderr
    finally:
        while is_mounted(files):
            run("fusermount3", "-u", str(files), cwd=tmp_path)
    eventually(lambda: not (tmp_path / "cache").exists() or os.listdir(tmp_path / "cache") == [], 20)
    assert not is_mounted(files)
    wrong = [*command[:-1], str(tmp_path / "state2"), "--cache-size", "nonsense"]
    refused = subprocess.run(wrong, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "is not a size" in refused.stderr


def test_a_mount_that_is_unmounted_sends_what_waits(server, tmp_path, fs):
    with mounted(server.url, server.app_password("ada"), tmp_path) as one:
        (one.files / "last").write_text("words")
        run("fusermount3", "-u", str(one.files), cwd=tmp_path)
        assert one.process.wait(20) == 0
        assert fs.cat_file("/last") == b"words"
        fs.rm("/last")


@pytest.mark.needs("git")
def test_modes_outlive_the_mount_and_git_sees_no_change(server, fs, tmp_path):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    with mounted(server.url, server.app_password("bob"), tmp_path) as one:
        work = one.files / "modes"
        work.mkdir()
        (work / "run.sh").write_text("#!/bin/sh\necho it runs\n")
        (work / "run.sh").chmod(0o755)
        (work / "key").write_text("secret")
        (work / "key").chmod(0o600)
        run(*git, "init", "-q", cwd=work)
        run(*git, "add", ".", cwd=work)
        run(*git, "commit", "-q", "-m", "first", cwd=work)
        sent(one)
    with mounted(server.url, server.app_password("bob"), tmp_path) as two:
        work = two.files / "modes"
        assert [oct((work / name).stat().st_mode)[-3:] for name in ("run.sh", "key")] == ["755", "600"]
        assert run(*git, "status", "--short", cwd=work) == ""
        assert run("./run.sh", cwd=work) == "it runs\n"
        (work / "new").write_text("#!/bin/sh\necho replaced\n")
        (work / "new").chmod(0o755)
        os.rename(work / "new", work / "run.sh")
        assert run("./run.sh", cwd=work) == "replaced\n"
        sent(two)
