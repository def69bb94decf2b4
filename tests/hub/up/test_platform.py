"""The real `cygnet up`: a login that works, and nothing left of it afterwards."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from cygnet_hub.up.mounts import fuse_mounts
from cygnet_hub.up.processes import descendants, marked
from tests.accounts import as_account
from tests.platform import Platform, command, platform, start

pytestmark = [pytest.mark.platform, pytest.mark.xdist_group("platform"), pytest.mark.timeout(400)]


Begin = Callable[..., Platform]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform(tmp_path_factory.mktemp("up")) as running:
        yield running


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Like `start`, for platforms that a test stops in its own way; a failed test leaves none behind."""
    begun: list[Platform] = []

    def run(*arguments: Any, **keywords: Any) -> Platform:
        begun.append(start(*arguments, **keywords))
        return begun[-1]

    yield run
    for running in begun:
        running.stop()


def _run_id(found: Platform) -> str:
    run_id: str = json.loads((found.data / "platform" / "deployment.json").read_text())["run_id"]
    return run_id


def _login(found: Platform, name: str, password: str) -> tuple[requests.Session, requests.Response]:
    session = requests.Session()
    page = session.get(f"{found.hub}hub/login", timeout=10)
    token = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
    assert token is not None
    fields = {"username": name, "password": password, "_xsrf": token[1]}
    reply = session.post(f"{found.hub}hub/login?next=/hub/home", data=fields, timeout=20)
    return session, reply


def _start_server(found: Platform, name: str) -> None:
    """Start a notebook server by the form, and wait until it answers."""
    session, _ = _login(found, name, found.passwords[name])
    page = session.get(f"{found.hub}hub/spawn", timeout=10).text
    action = re.search(r'id="spawn_form"\s+action="([^"]+)"', page)
    environment = re.search(r'name="environment" value="([^"]+)"', page)
    assert action is not None
    assert environment is not None
    fields = {"environment": environment[1], "interface": "lab", "cores": "0", "memory": "0", "open_file": ""}
    session.post(urljoin(found.hub, unescape(action[1])), data=fields, timeout=30)
    assert _until(lambda: _status(f"{found.hub}user/{name}/api") == 200, 60), found.logs()


def _status(url: str) -> int:
    try:
        return requests.get(url, timeout=5, allow_redirects=False).status_code
    except requests.ConnectionError:
        return 0


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _user(found: Platform, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    script = "from cygnet_hub.cli.user import command; command()"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments, "--data", str(found.data)],
        input=password + "\n",
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_the_endpoints_are_the_real_ones(shared: Platform) -> None:
    endpoints = json.loads((shared.data / "endpoints.json").read_text())
    assert endpoints["pid"] == shared.process.pid
    assert requests.get(f"{endpoints['hub']}hub/api/", timeout=5).json()["version"].startswith("6.")
    assert requests.get(f"{endpoints['sync']}api/v1/me", timeout=5).status_code == 401
    assert requests.get(f"{endpoints['hub']}services/sync/api/v1/me", timeout=5).status_code == 401
    assert "<Code>AccessDenied</Code>" in requests.get(endpoints["s3"], timeout=5).text


def test_the_demo_accounts_log_in_with_the_printed_passwords(shared: Platform) -> None:
    for name in ("teacher", "student"):
        assert shared.passwords[name] in shared.said()
        _, reply = _login(shared, name, shared.passwords[name])
        assert reply.status_code == 200
        assert f"Hello, {name}" in reply.text


def test_a_wrong_password_and_an_unknown_name_get_the_same_words(shared: Platform) -> None:
    for name, password in (
        ("teacher", "wrong"),
        ("nobody", "wrong"),
        ("teacher", "x" * 200),
        ("té\0st", "é\0"),
    ):
        _, reply = _login(shared, name, password)
        assert reply.status_code == 403
        assert "The name or the password is not right" in reply.text
        assert "Hello" not in reply.text


def test_nobody_can_make_or_change_an_account_from_outside(shared: Platform) -> None:
    for path in ("signup", "authorize", "authorize/teacher", "discard/teacher", "change-password/teacher"):
        assert requests.get(f"{shared.hub}hub/{path}", timeout=5).status_code == 404


def test_a_password_is_changed_on_the_page(shared: Platform) -> None:
    _user(shared, "add", "carol", "--password-stdin", password="the first password")
    session, _ = _login(shared, "carol", "the first password")
    url = f"{shared.hub}hub/change-password"

    def change(old: str, new: str, again: str) -> str:
        token = re.search(r'name="_xsrf" value="([^"]+)"', session.get(url, timeout=5).text)
        assert token is not None
        fields = {"old": old, "new": new, "again": again, "_xsrf": token[1]}
        return session.post(url, data=fields, timeout=10).text

    assert "The old password is not right" in change("wrong", "the second password", "the second password")
    assert "are not the same" in change("the first password", "the second password", "a third password")
    assert "too short" in change("the first password", "short", "short")
    assert "is changed" in change("the first password", "the second password", "the second password")
    assert _login(shared, "carol", "the first password")[1].status_code == 403
    assert _login(shared, "carol", "the second password")[1].status_code == 200
    assert session.post(url, data={"old": "x"}, timeout=5).status_code == 403, "no XSRF token"


def test_an_account_made_and_removed_while_it_runs(shared: Platform) -> None:
    assert _user(shared, "add", "bob", "--password-stdin", password="correct horse battery").returncode == 0
    session, reply = _login(shared, "bob", "correct horse battery")
    assert "Hello, bob" in reply.text
    secret = _user(shared, "app-password", "bob").stdout.strip()
    me = f"{shared.sync}api/v1/me"
    assert requests.get(me, auth=("bob", secret), timeout=5).json()["name"] == "bob"
    assert "bob" in _user(shared, "list").stdout

    assert _user(shared, "remove", "bob").returncode == 0
    assert requests.get(me, auth=("bob", secret), timeout=5).status_code == 401
    assert "Hello" not in session.get(f"{shared.hub}hub/home", timeout=5).text
    assert _login(shared, "bob", "correct horse battery")[1].status_code == 403
    assert "bob" not in _user(shared, "list").stdout


def test_the_class_group_has_both(shared: Platform) -> None:
    lines = {line.split()[0]: line for line in _user(shared, "list").stdout.splitlines()}
    assert lines["teacher"].endswith("demo-class")
    assert lines["student"].endswith("demo-class")


def test_the_teacher_has_the_examples(shared: Platform) -> None:
    secret = _user(shared, "app-password", "teacher").stdout.strip()
    url = f"{shared.sync}remote.php/dav/files/teacher/Examples"
    reply = requests.request("PROPFIND", url, auth=("teacher", secret), headers={"Depth": "1"}, timeout=10)
    assert reply.status_code == 207
    assert reply.text.count("href>") > 2


def test_no_secret_is_readable_by_others_or_in_a_log(shared: Platform) -> None:
    secrets = list((shared.data / "secrets").iterdir())
    assert secrets
    logs = shared.logs()
    for path in secrets:
        assert path.stat().st_mode & 0o077 == 0
        if path.name != "demo.json":
            assert path.read_text().strip() not in logs
    assert not any(password in logs for password in shared.passwords.values())
    assert (shared.data / "secrets").stat().st_mode & 0o077 == 0


def test_no_secret_is_on_a_command_line(shared: Platform) -> None:
    lines = "".join(
        Path(f"/proc/{process.pid}/cmdline").read_text()
        for process in marked(_run_id(shared))
        if process.alive()
    )
    assert "jupyterhub" in lines
    for path in (shared.data / "secrets").iterdir():
        assert path.read_text().strip() not in lines


def _second(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command(data), *options], capture_output=True, text=True, timeout=30, check=False)


def test_a_directory_in_use_is_refused_in_one_line(shared: Platform) -> None:
    result = _second(shared.data)
    assert result.returncode == 1
    assert result.stderr == f"cygnet up: {shared.data} is in use by another `cygnet up`.\n"
    assert result.stdout == ""


def test_a_port_in_use_is_refused_in_one_line_and_nothing_is_made(shared: Platform, tmp_path: Path) -> None:
    port = shared.hub.rstrip("/").rpartition(":")[2]
    result = _second(tmp_path / "new", "--port", port)
    assert result.returncode == 1
    assert f"port {port}: Address already in use" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_a_newer_directory_is_refused_in_one_line_and_not_touched(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("2\n")
    result = _second(tmp_path)
    assert result.returncode == 1
    assert "was made by a newer Cygnet" in result.stderr
    assert result.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["VERSION"]


def test_a_sync_service_that_crashes_is_back_soon(begin: Begin, tmp_path: Path) -> None:
    running = begin(tmp_path / "data")
    me = f"{running.sync}api/v1/me"
    service = next(
        p for p in marked(_run_id(running)) if _words(p.pid)[-2:] == ["-m", "cygnet_hub.services.sync"]
    )
    os.kill(service.pid, signal.SIGKILL)
    assert _until(lambda: _status(me) != 401, 5)
    assert _until(lambda: _status(me) == 401, 15), "far sooner than the hub looks"
    assert running.stop() == 0


def _words(pid: int) -> list[str]:
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    return [] if words[:1] == ["/bin/sh"] else words


def test_it_stops_without_leaving_anything(begin: Begin, tmp_path: Path) -> None:
    running = begin(tmp_path / "data", "--demo")
    run_id = _run_id(running)
    _start_server(running, "teacher")
    assert len(marked(run_id)) > 4, "hub, proxy, sync service, idle culler, notebook server"
    below = descendants([running.process.pid])
    assert running.stop() == 0
    assert marked(run_id) == set()
    assert not any(process.alive() for process in below)
    assert fuse_mounts(tmp_path) == []
    assert not (running.data / "endpoints.json").exists()
    for address in (running.hub, running.sync):
        port = int(address.split(":")[2].split("/")[0])
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 2):
            pass


def test_ctrl_c_stops_it_even_while_it_starts(begin: Begin, tmp_path: Path) -> None:
    running = begin(tmp_path / "data", wait=False)
    assert _until(lambda: (running.data / "platform" / "deployment.json").exists(), 20)
    time.sleep(0.5)
    run_id = _run_id(running)
    assert running.stop(signal.SIGINT) == 0
    assert marked(run_id) == set()


def test_the_start_after_a_kill_ends_what_was_left(begin: Begin, tmp_path: Path) -> None:
    first = begin(tmp_path / "data", "--demo")
    run_id = _run_id(first)
    _start_server(first, "student")
    hub = next(
        p for p in marked(run_id) if "jupyterhub\0--config" in Path(f"/proc/{p.pid}/cmdline").read_text()
    )
    # Stopped first, so that it cannot clean up by itself when its parent is gone.
    os.kill(hub.pid, signal.SIGSTOP)
    below = descendants([first.process.pid])
    first.process.kill()
    first.process.wait()
    assert marked(run_id)

    second = begin(tmp_path / "data", "--demo")
    assert "Ending" in second.said()
    assert marked(run_id) == set()
    assert not any(process.alive() for process in below)
    assert fuse_mounts(tmp_path) == []
    assert _login(second, "teacher", second.passwords["teacher"])[1].status_code == 200
    assert second.passwords == first.passwords
    assert second.stop() == 0


def test_a_hub_that_dies_takes_everything_with_it_and_says_so(begin: Begin, tmp_path: Path) -> None:
    running = begin(tmp_path / "data")
    run_id = _run_id(running)
    hub = next(
        p for p in marked(run_id) if "jupyterhub\0--config" in Path(f"/proc/{p.pid}/cmdline").read_text()
    )
    os.kill(hub.pid, signal.SIGKILL)
    assert running.process.wait(30) == 1
    assert "The hub ended" in running.said()
    assert marked(run_id) == set()


@pytest.mark.needs("root", "setpriv", "unshare")
def test_it_runs_as_an_ordinary_account(begin: Begin) -> None:
    uid = 54321
    home = Path("/tmp") / f"cygnet-unprivileged-{os.getpid()}"
    home.mkdir(mode=0o700)
    try:
        os.chown(home, uid, uid)
        running = begin(home / "data", "--unconfined", "--demo", prefix=as_account(uid))
        run_id = _run_id(running)
        _, reply = _login(running, "student", running.passwords["student"])
        assert "Hello, student" in reply.text
        assert running.data.stat().st_uid == uid
        assert running.stop() == 0
        assert marked(run_id) == set()
    finally:
        shutil.rmtree(home)
