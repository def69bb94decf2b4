"""What a person can reach from a terminal in their session, as root's and as an ordinary account's hub."""

from __future__ import annotations

import errno
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cygnet_spawner.process import _pids
from tests.spawner.small_hub import Person
from tests.spawner.world import SCRATCH, World, world

pytestmark = [
    pytest.mark.needs("root", "fuse", "bwrap", "setpriv", "unshare"),
    pytest.mark.xdist_group("confinement"),
    pytest.mark.timeout(180),
]


@dataclass
class Scene:
    """Ada and Bob have servers; Ada's terminal has tried everything."""

    world: World
    seen: dict[str, Any]
    outside: Path
    of_bob: list[int]
    how: str
    bob: Person

    def mounts(self) -> str:
        """The table of mounts where the hub lives."""
        assert self.world.hub.process is not None
        return Path(f"/proc/{self.world.hub.process.pid}/mounts").read_text()


def processes_of(name: str) -> list[int]:
    """Numbers of the processes of `name`'s sessions, as root sees them, with what was forked into them."""
    wanted = f"HOME=/home/{name}".encode()
    found = []
    for pid in _pids():
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in environment:
            found.append(pid)
    spaces = {_space(pid) for pid in found} - {_space(os.getpid())}
    return sorted({*found, *(pid for pid in _pids() if _space(pid) in spaces)})


def _space(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


# The hub looks at its warm process only after it has said that it is ready: every server is forked.
FORKED = """
import select
from cygnet_spawner.warm import Warm
_warm_begin = Warm.__init__
def _and_wait(self, log):
    _warm_begin(self, log)
    assert select.select([self._channel], [], [], 60)[0]
Warm.__init__ = _and_wait
"""
STARTED = "c.LocalSpawner.warm = False"
KINDS = [("root", "started"), ("root", "forked"), ("account", "started"), ("account", "forked")]


@pytest.fixture(scope="module", params=KINDS, ids="-".join)
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    who, how = request.param
    with (
        tempfile.TemporaryDirectory(prefix="cygnet-confine-") as name,
        tempfile.NamedTemporaryFile(prefix="cygnet-outside-") as outside,
    ):
        folder = Path(name)
        folder.chmod(0o711)
        with world(folder, root=who == "root", lines=FORKED if how == "forked" else STARTED) as here:
            ada, bob = here.hub.login("ada"), here.hub.login("bob")
            ada.start()
            bob.start()
            of_bob = processes_of("bob")
            assert of_bob
            hub = here.hub.process
            assert hub is not None
            secret = here.data / "homes" / "bob" / "secret.txt"
            secret.write_text("bob's own")
            token = here.data / "run" / "bob" / "token" / "token"
            paths = [
                here.folder, here.data, here.data / "homes" / "bob", secret, token, here.folder / "key",
                here.folder / "jupyterhub.sqlite", "/home/bob", "/root", "/etc/shadow", outside.name,
                "/dev/fuse", "/var/lib", "/sys",
            ]  # fmt: skip
            wanted = {
                "paths": [str(path) for path in paths],
                "pids": [*of_bob, hub.pid, os.getpid()],
                "write": [
                    "/usr",
                    "/etc",
                    "/usr/bin",
                    "/run/cygnet",
                    "/run/cygnet/mount",
                    "/",
                    os.path.dirname(os.__file__),
                ],
            }
            yield Scene(here, here.ask(ada, wanted), Path(outside.name), of_bob, how, bob)
            ada.stop()


def test_other_peoples_files_and_the_hubs_data_are_not_there(scene: Scene) -> None:
    seen = {path: answer for path, answer in scene.seen["paths"].items() if answer["worked"]}
    # A place made to hold the software may carry the name of a directory of the host, and nothing else of it.
    assert set(seen) <= {"/root"}
    assert scene.seen["homes"] == ["ada"]
    assert "bob" not in scene.seen["accounts"]


def test_temporary_files_are_private(scene: Scene) -> None:
    assert scene.outside.name not in scene.seen["tmp"]
    assert not [name for name in scene.seen["tmp"] if name.startswith("cygnet-")]


def test_only_own_processes_are_seen(scene: Scene) -> None:
    assert len(scene.seen["pids"]) < 15
    text = " ".join(map(str, scene.seen["commands"]))
    assert "jupyterhub -f" not in text
    assert str(scene.world.data) not in text


def test_the_server_was_started_as_intended(scene: Scene) -> None:
    module = "cygnet_extensions." + ("warm" if scene.how == "forked" else "singleuser")
    assert module in str(scene.seen["commands"])


def test_other_processes_cannot_be_signalled_traced_or_read(scene: Scene) -> None:
    own = set(map(str, scene.seen["pids"]))
    others = [pid for pid in scene.seen["kill"] if pid not in own]
    assert others
    for pid in others:
        assert scene.seen["kill"][pid] == {"worked": False, "value": errno.ESRCH}
        assert scene.seen["ptrace"][pid] == {"worked": False, "value": errno.ESRCH}
        assert scene.seen["proc"][pid] == {"worked": False, "value": errno.ENOENT}


def test_the_sandboxs_first_process_leads_nowhere(scene: Scene) -> None:
    root = scene.seen["init_root"]
    assert (
        not root["worked"] or "work" not in root["value"] or scene.world.folder.name not in str(root["value"])
    )
    environment = scene.seen["init_environ"]
    assert not environment["worked"] or "CONFIGPROXY_AUTH_TOKEN" not in environment["value"]
    assert str(scene.world.data) not in str(scene.seen["init_commands"]["value"])


def test_system_and_software_are_read_only(scene: Scene) -> None:
    for path, answer in scene.seen["write"].items():
        assert not answer["worked"], path
        assert answer["value"] in (errno.EROFS, errno.EACCES), path


def test_the_token_can_be_read_and_not_replaced(scene: Scene) -> None:
    assert scene.seen["token_read"]["worked"]
    assert scene.seen["token_read"]["value"] > 20
    assert not scene.seen["token_write"]["worked"]


def test_there_is_no_way_to_privileges(scene: Scene) -> None:
    assert set(scene.seen["capabilities"]) == {"0000000000000000"}
    assert scene.seen["no_new_privs"] == "1"
    for action in ("mount", "chroot", "device", "become_root"):
        assert not scene.seen[action]["worked"], action
    assert "fuse" not in scene.seen["dev"]
    assert not {"sda", "vda", "mem", "kmem"} & set(scene.seen["dev"])


def test_nothing_of_the_hubs_environment_enters(scene: Scene) -> None:
    environment = scene.seen["environment"]
    assert not {"CONFIGPROXY_AUTH_TOKEN", "CYGNET_INTERNAL_KEY_FILE", "PYTHONPATH"} & set(environment)
    assert scene.world.service.key not in str(environment)
    assert environment["HOME"] == "/home/ada"
    assert environment["CYGNET_MOUNT"] == "fuse"


def test_own_things_work(scene: Scene) -> None:
    assert scene.seen["files"] == ["hello.txt"]
    assert scene.seen["hello"] == {"worked": True, "value": "hello from the mount\n"}
    assert scene.seen["home_writable"]["worked"]


def test_settings_of_jupyterlab_and_its_workspaces_are_kept_in_the_home(scene: Scene) -> None:
    setting, lab = (
        "@jupyterlab/translation-extension:plugin",
        scene.world.data / "homes" / "bob" / ".jupyter/lab",
    )
    saved = scene.bob.server("PUT", f"lab/api/settings/{setting}", json={"raw": '{"locale": "fr_FR"}'})
    assert saved.status_code == 204, saved.text
    folder, _, name = setting.partition(":")
    assert (
        lab / "user-settings" / folder / f"{name}.jupyterlab-settings"
    ).read_text() == '{"locale": "fr_FR"}'
    workspace = {"data": {}, "metadata": {"id": "default"}}
    saved = scene.bob.server("PUT", "lab/api/workspaces/default", data=json.dumps(workspace))
    assert saved.status_code == 204, saved.text
    assert list((lab / "workspaces").iterdir())


def test_the_account_is_the_sessions_own_where_the_hub_may_choose(scene: Scene) -> None:
    homes = scene.world.data / "homes"
    owners = {name: (homes / name).stat().st_uid for name in ("ada", "bob")}
    modes = {(homes / name).stat().st_mode & 0o777 for name in ("ada", "bob")}
    assert modes == {0o700}
    assert scene.seen["uid"] == owners["ada"]
    if scene.world.own_numbers:
        assert owners["ada"] != owners["bob"]
        assert min(owners.values()) > 700_000
        assert scene.seen["groups"] == []
    else:
        assert set(owners.values()) == {SCRATCH}


def test_a_session_leaves_nothing_behind(scene: Scene) -> None:
    bob, here = scene.bob, scene.world
    home, credentials = here.data / "homes" / "bob", len(here.service.live)
    bob.terminal("setsid sleep 1000 & disown; setsid nohup sleep 1001 &")
    assert str(home) in scene.mounts()
    assert processes_of("bob")
    bob.stop()
    # The kernel ends what is left in the namespace a little after its first process has gone.
    deadline = time.monotonic() + 10
    while processes_of("bob") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not processes_of("bob")
    assert str(home) not in scene.mounts()
    assert not (here.data / "run" / "bob" / "token" / "token").exists()
    assert len(here.service.revoked) == 1
    assert len(here.service.live) == credentials - 1
