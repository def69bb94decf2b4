"""A `put` or `get` that is cut at 40 % sends only the rest when it is run again, whoever was killed."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.crash import eventually, remote_server

from .meter import meter

SIZE = 40 << 20
CUT = SIZE * 4 // 10
PART = 8 << 20
#: What requests and answers take besides the contents, and what is between two programs' buffers.
BESIDES = 4 << 20
HEADERS = 64 << 10


@pytest.fixture(scope="module")
def contents():
    return random.Random(1).randbytes(SIZE)


@pytest.fixture
def source(tmp_path, contents):
    path = tmp_path / "run.root"
    path.write_bytes(contents)
    return path


@pytest.fixture
def environment(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CYGNET_")}
    return kept | {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }


@pytest.fixture
def cygnet(environment):
    """Starts a command as a process of its own."""

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "cygnet_fs_bridge.cli", *map(str, arguments)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def log_in(tmp_path, url, password):
    """What `cygnet login` leaves."""
    config = tmp_path / "config" / "cygnet" / "login.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"url": url + "/", "user": "ada", "password": password}))


@pytest.fixture
def through(server, environment, tmp_path):
    """The meter before the service, which the command is logged in through."""
    with meter(server.url) as made:
        log_in(tmp_path, made.url, server.app_password("ada"))
        yield made


def ended(process, code=0):
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, (process.returncode, out, err)
    return out


def cut_off(process, made):
    """Wait until so much has passed as the meter lets pass; kill the process then."""
    assert made.reached.wait(60), process.communicate(timeout=1)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    made.cut()


def test_put_goes_on_after_the_client_was_killed(cygnet, through, fs, folder, source, contents):
    command = ("put", "--json", source, f"{folder}/run.root")
    through.reset(hold_up=CUT)
    cut_off(cygnet(*command), through)
    assert not fs.exists(f"{folder}/run.root")
    through.reset()
    [told] = json.loads(ended(cygnet(*command)))["done"]
    assert SIZE - CUT <= through.up <= SIZE - CUT + PART + BESIDES
    assert told["sha1"] == hashlib.sha1(contents).hexdigest()
    assert SIZE - CUT <= told["moved"] <= SIZE - CUT + PART
    assert fs.cat_file(f"{folder}/run.root") == contents


def test_get_goes_on_after_the_client_was_killed(cygnet, through, fs, folder, source, contents, tmp_path):
    fs.put_file(str(source), f"{folder}/run.root")
    (tmp_path / "down").mkdir()
    command = ("get", "--json", f"{folder}/run.root", tmp_path / "down")
    through.reset(hold_down=CUT)
    process = cygnet(*command)
    assert through.reached.wait(60)
    [partial] = (tmp_path / "down").glob(".cygnet-*.part")
    assert eventually(lambda: partial.stat().st_size >= CUT - BESIDES, 60)
    cut_off(process, through)
    left = SIZE - partial.stat().st_size
    [told] = json.loads(ended(cygnet(*command)))["done"]
    assert told["moved"] <= left <= SIZE - CUT + BESIDES
    assert told["moved"] <= through.down <= left + HEADERS
    [whole] = (tmp_path / "down").iterdir()
    assert whole.read_bytes() == contents
    assert abs(whole.stat().st_mtime - source.stat().st_mtime) < 0.01


@pytest.fixture
def mortal(tmp_path, environment, cygnet):
    """A service in a process that can be killed, behind a meter; starting it again keeps its data."""
    data = tmp_path / "service"
    data.mkdir()
    with remote_server(data) as first, meter(first.url) as made:
        log_in(tmp_path, made.url, first.app_password("ada"))
        yield first, made


def again(data, made):
    """Start the service anew behind the same meter."""
    running = remote_server(data)
    second = running.__enter__()
    made.lead_to(int(second.url.split(":")[2].split("/")[0]))
    return running


def kill(service, made):
    assert made.reached.wait(60)
    service.process.kill()
    service.process.join(20)
    made.cut()


def test_put_goes_on_after_the_service_was_killed(cygnet, mortal, source, contents, tmp_path):
    service, made = mortal
    command = ("put", "--json", source, "run.root")
    made.reset(hold_up=CUT)
    process = cygnet(*command, "--patience", 1)
    kill(service, made)
    ended(process, code=8)
    running = again(service.data, made)
    try:
        made.reset()
        [told] = json.loads(ended(cygnet(*command)))["done"]
        assert made.up <= SIZE - CUT + PART + BESIDES
        assert told["moved"] <= SIZE - CUT + PART
        ended(cygnet("get", "run.root", tmp_path / "back.root"))
        assert (tmp_path / "back.root").read_bytes() == contents
    finally:
        running.__exit__(None, None, None)


def test_get_waits_for_a_service_that_was_killed(cygnet, mortal, source, contents, tmp_path):
    service, made = mortal
    ended(cygnet("put", source, "run.root"))
    made.reset(hold_down=CUT)
    process = cygnet("get", "--json", "run.root", tmp_path / "back.root", "--patience", 60)
    kill(service, made)
    running = again(service.data, made)
    try:
        [told] = json.loads(ended(process))["done"]
        assert told["moved"] == SIZE
        assert made.down <= SIZE - CUT + BESIDES
        assert (tmp_path / "back.root").read_bytes() == contents
    finally:
        running.__exit__(None, None, None)


def test_a_file_that_changed_meanwhile_is_sent_from_the_beginning(cygnet, through, fs, folder, source):
    command = ("put", "--json", source, f"{folder}/run.root")
    through.reset(hold_up=CUT)
    cut_off(cygnet(*command), through)
    source.write_bytes(b"x" * (20 << 20))
    [told] = json.loads(ended(cygnet(*command)))["done"]
    assert told["moved"] == told["size"] == 20 << 20
    assert fs.cat_file(f"{folder}/run.root") == source.read_bytes()


def test_a_file_of_the_service_that_changed_meanwhile_is_fetched_anew(
    cygnet, through, fs, folder, source, tmp_path
):
    fs.put_file(str(source), f"{folder}/run.root")
    command = ("get", "--json", f"{folder}/run.root", tmp_path / "back.root")
    through.reset(hold_down=CUT)
    cut_off(cygnet(*command), through)
    fs.pipe_file(f"{folder}/run.root", b"another" * 1000)
    [told] = json.loads(ended(cygnet(*command)))["done"]
    assert told["moved"] == told["size"] == 7000
    assert (tmp_path / "back.root").read_bytes() == b"another" * 1000


def test_what_was_damaged_on_disk_meanwhile_is_fetched_anew(
    cygnet, through, fs, folder, source, contents, tmp_path
):
    fs.put_file(str(source), f"{folder}/run.root")
    (tmp_path / "down").mkdir()
    command = ("get", f"{folder}/run.root", tmp_path / "down")
    through.reset(hold_down=CUT)
    cut_off(cygnet(*command), through)
    [partial] = (tmp_path / "down").iterdir()
    with partial.open("r+b") as file:
        file.write(b"damaged")
    ended(cygnet(*command))
    assert (tmp_path / "down" / "run.root").read_bytes() == contents


def test_two_at_the_same_transfer_do_not_disturb_each_other(cygnet, through, fs, folder, source, contents):
    command = ("put", source, f"{folder}/run.root")
    through.reset(hold_up=CUT)
    first = cygnet(*command)
    assert through.reached.wait(60)
    through._limits = {"up": None, "down": None}
    second = cygnet(*command)
    ended(second, code=6)
    through.reset()
    ended(first)
    assert fs.cat_file(f"{folder}/run.root") == contents


def test_records_of_long_ago_are_thrown_away(cygnet, through, fs, folder, tmp_path):
    records = tmp_path / "state" / "cygnet" / "transfers"
    records.mkdir(parents=True)
    for name, age in (("old", 8), ("new", 1)):
        (records / f"{name}.json").write_text("{}")
        then = time.time() - age * 86400
        os.utime(records / f"{name}.json", (then, then))
    fs.pipe_file(f"{folder}/a", b"1")
    ended(cygnet("get", f"{folder}/a", tmp_path / "a"))
    assert [path.name for path in records.iterdir()] == ["new.json"]
