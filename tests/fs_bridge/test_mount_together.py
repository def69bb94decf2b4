"""How little the mount asks of the service, and how soon it sees what others do."""

import logging
import os
import statistics
import time
from pathlib import Path

import pytest

from tests.fs_bridge.mounted import mounted
from tests.fs_bridge.test_mount import eventually

pytestmark = [pytest.mark.needs("fuse"), pytest.mark.xdist_group("mount")]


@pytest.fixture
def mount(server, tmp_path):
    with mounted(server.url, server.app_password("ada"), tmp_path) as running:
        yield running


@pytest.fixture
def asked(caplog):
    """What the service was asked, as pairs of verb and route."""
    caplog.set_level(logging.INFO, "cygnet.sync.access")

    def requests():
        told = [record.fields for record in caplog.records if record.name == "cygnet.sync.access"]
        return [(one["method"], one["path"].rpartition("/")[2]) for one in told]

    return requests


def test_small_files_of_a_folder_are_fetched_together(mount, fs, folder, asked, caplog):
    contents = {f"f{number:03}": os.urandom(100 + number) for number in range(60)}
    for name, data in contents.items():
        fs.pipe_file(f"{folder}/{name}", data)
    fs.pipe_file(f"{folder}/big", b"x" * 200_000)
    fs.pipe_file(f"{folder}/empty", b"")
    work = mount.files / folder.strip("/")
    eventually(lambda: work.is_dir() and len(os.listdir(work)) == 62)
    caplog.clear()
    assert {name: (work / name).read_bytes() for name in contents} == contents
    assert asked() == [("GET", "batch")]
    assert (work / "big").read_bytes() == b"x" * 200_000
    assert (work / "empty").read_bytes() == b""


def test_a_file_that_changes_while_its_neighbours_are_fetched_is_right(mount, fs, folder):
    for number in range(20):
        fs.pipe_file(f"{folder}/f{number}", b"old")
    work = mount.files / folder.strip("/")
    eventually(lambda: work.is_dir() and len(os.listdir(work)) == 20)
    fs.pipe_file(f"{folder}/f7", b"newer")
    fs.rm(f"{folder}/f8")
    assert (work / "f0").read_bytes() == b"old"
    eventually(lambda: not (work / "f8").exists())
    eventually(lambda: (work / "f7").read_bytes() == b"newer")


def test_small_files_are_sent_together_and_read_without_asking_again(mount, fs, folder, asked, caplog):
    work = mount.files / folder.strip("/")
    eventually(work.is_dir)
    assert os.listdir(work) == []
    caplog.clear()
    for number in range(100):
        (work / f"f{number}").write_bytes(b"%d" % number)
    eventually(lambda: mount.state["pending"] == 0, 20)
    assert len([one for one in asked() if one[0] in ("POST", "PUT")]) < 50
    caplog.clear()
    for number in range(100):
        assert (work / f"f{number}").read_bytes() == b"%d" % number
    assert [one for one in asked() if one[0] == "GET"] == []
    assert fs.cat_file(f"{folder}/f99") == b"99"


def test_a_remote_change_is_seen_within_a_tenth_of_a_second(mount, fs, folder):
    """From the answer that tells the writer of the commit; the median, since the machine may be busy."""
    work = mount.files / folder.strip("/")
    eventually(work.is_dir)
    waits = []
    for turn in range(15):
        text = b"%04d" % turn
        fs.pipe_file(f"{folder}/shared", text)
        committed = time.monotonic()
        while not (work / "shared").exists() or (work / "shared").read_bytes() != text:
            assert time.monotonic() - committed < 5
        waits.append(time.monotonic() - committed)
    assert statistics.median(waits) < 0.1


def test_arriving_at_the_service_changes_no_time_stamp_of_a_folder(mount, fs, folder):
    work = mount.files / folder.strip("/")
    eventually(work.is_dir)
    for name in ("a", "b"):
        (work / "sub" / name).mkdir(parents=True)
        (work / "sub" / name / "file").write_text("x")
    stamps = {place: place.stat().st_mtime_ns for place in (work, work / "sub", work / "sub" / "a")}
    eventually(lambda: mount.state["pending"] == 0 and fs.isfile(f"{folder}/sub/b/file"))
    for place in stamps:
        os.utime(place)  # does nothing with a folder, but its answer tells the kernel the stamp anew
    assert {place: place.stat().st_mtime_ns for place in stamps} == stamps


def test_who_goes_from_folder_to_folder_gets_the_small_files_of_the_next_ones_too(
    mount, fs, folder, asked, caplog
):
    contents = {}
    for number in range(40):
        fs.mkdir(f"{folder}/d{number:02}")
        for name in ("one", "two"):
            contents[f"d{number:02}/{name}"] = data = os.urandom(100)
            fs.pipe_file(f"{folder}/d{number:02}/{name}", data)
    work = mount.files / folder.strip("/")
    eventually(lambda: work.is_dir() and len(os.listdir(work)) == 40)
    eventually(lambda: len(list(work.glob("*/*"))) == 80)
    names = [Path(at, name) for at, _, found in os.walk(work) for name in found]
    caplog.clear()
    assert {str(name.relative_to(work)): name.read_bytes() for name in names} == contents
    assert len([one for one in asked() if one == ("GET", "batch")]) < 10
    assert {one for one in asked() if one[0] == "GET"} == {("GET", "batch")}


def test_a_file_in_the_next_folder_that_changes_meanwhile_is_right(mount, fs, folder):
    for number in range(4):
        fs.mkdir(f"{folder}/d{number}")
        fs.pipe_file(f"{folder}/d{number}/f", b"old")
    work = mount.files / folder.strip("/")
    eventually(lambda: len(list(work.glob("*/*"))) == 4)
    assert (work / "d0" / "f").read_bytes() == (work / "d1" / "f").read_bytes() == b"old"  # and that of d2
    fs.pipe_file(f"{folder}/d2/f", b"newer")
    fs.rm(f"{folder}/d3/f")
    eventually(lambda: (work / "d2" / "f").read_bytes() == b"newer")
    eventually(lambda: not (work / "d3" / "f").exists())
