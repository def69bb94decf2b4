"""A real notebook server with the extension, of one person, for tests."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sync_server import SyncServer

TOKEN = "notebook-token"
# As in a session: what lies beside a shared notebook may not be writable.
_FILES = [
    "--FileContentsManager.checkpoints_class=cygnet_extensions.checkpoints.LocalCheckpoints",
    "--ServerApp.contents_manager_class=cygnet_extensions.saves.SyncedContents",
    "--FileContentsManager.delete_to_trash=False",
]


@dataclass(frozen=True)
class NotebookServer:
    """A running server: `url` ends with a slash, `token` logs in, `log` is what it wrote."""

    url: str
    token: str
    log: Path

    def page(self, path: str) -> str:
        """Return the address of a page, with the token that logs in."""
        return f"{self.url}{path}{'&' if '?' in path else '?'}token={self.token}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(home: Path, more: dict[str, str]) -> dict[str, str]:
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("CYGNET_", "JUPYTER"))
    }
    places = {"HOME": home, "JUPYTER_CONFIG_DIR": home / "config", "JUPYTER_DATA_DIR": home / "data"}
    places["JUPYTER_RUNTIME_DIR"] = home / "runtime"
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    return inherited | {key: str(value) for key, value in places.items()} | {"PATH": path} | more


def _wait(server: NotebookServer, process: subprocess.Popen[bytes], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(server.page("api/status"), timeout=2).close()
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"the notebook server did not start:\n{server.log.read_text()[-3000:]}")


def notebook_server(
    home: Path, root: Path, *arguments: str, **environment: str
) -> contextlib.AbstractContextManager[NotebookServer]:
    """Run JupyterLab and Notebook over the folder `root` until the block ends.

    `home` is for all else that a server writes; `arguments` and `environment` come on top.
    """
    pages = home / "config" / "labconfig" / "page_config.json"
    pages.parent.mkdir(parents=True, exist_ok=True)
    pages.write_text(
        json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}})
    )
    return _running("jupyterlab", home, root, [*_FILES, *arguments], environment)


def bare_server(
    home: Path, root: Path, *arguments: str, **environment: str
) -> contextlib.AbstractContextManager[NotebookServer]:
    """Run a server with our extension and no other, which starts faster; arguments as `notebook_server`."""
    others = ("jupyterlab", "jupyter_lsp", "notebook", "notebook_shim", "jupyter_server_terminals")
    without = f"--ServerApp.jpserver_extensions={dict.fromkeys(others, False)}"
    return _running("jupyter_server", home, root, [without, *arguments], environment)


@contextlib.contextmanager
def _running(
    module: str, home: Path, root: Path, arguments: list[str], environment: dict[str, str]
) -> Iterator[NotebookServer]:
    home.mkdir(parents=True, exist_ok=True)
    port, log = _free_port(), home / "server.log"
    command = [sys.executable, "-m", module, "--no-browser", "--allow-root", f"--ServerApp.port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}"]
    command += ["--ServerApp.port_retries=0", *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=root, env=_environment(home, environment), stdout=output, stderr=subprocess.STDOUT
        )
    server = NotebookServer(f"http://127.0.0.1:{port}/", TOKEN, log)
    try:
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


@contextlib.contextmanager
def session(sync: SyncServer, user: str, base: Path, *arguments: str) -> Iterator[NotebookServer]:
    """Run what a person's session is: their tree, mounted at `base/files`, and a notebook server over it."""
    files, token, state = base / "files", base / "token", base / "mount.json"
    files.mkdir(parents=True)
    token.write_text(sync.app_password(user))
    cygnet = str(Path(sys.executable).parent / "cygnet")
    command = [cygnet, "mount", "cygnet://", str(files), "--foreground", "--url", f"{sync.url}/"]
    command += ["--token-file", str(token), "--cache-dir", str(base / "cache"), "--state-file", str(state)]
    with (base / "mount.log").open("wb") as output:
        mount = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    environment = {"CYGNET_URL": sync.url, "CYGNET_TOKEN_FILE": str(token)}
    environment |= {"CYGNET_MOUNT": "fuse", "CYGNET_MOUNT_STATE": str(state)}
    try:
        _wait_for_mount(files, base / "mount.log")
        with notebook_server(base / "home", files, *arguments, **environment) as server:
            yield server
    finally:
        mount.terminate()
        mount.wait(30)


def _wait_for_mount(folder: Path, log: Path, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not folder.is_mount():
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing was mounted:\n{log.read_text()}")
        time.sleep(0.05)


def call(
    server: NotebookServer, method: str, route: str, body: object = None, token: str = TOKEN
) -> tuple[int, Any]:
    """Send a request to the extension; return the status and the JSON of the answer."""
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.url}cygnet/api/{route}", data, method=method)
    if token:
        request.add_header("Authorization", f"token {token}")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            json_type = error.headers.get_content_type() == "application/json"
            return error.code, json.loads(error.read() or b"null") if json_type else None


def token_file(folder: Path, sync: SyncServer, user: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "token"
    path.write_text(sync.app_password(user))
    return path
