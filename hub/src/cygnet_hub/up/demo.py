"""The accounts and files of `cygnet up --demo`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cygnet_extensions.examples import files as example_files
from cygnet_hub.accounts import hub_database, passwords
from cygnet_hub.accounts.hub_api import RunningHub
from cygnet_hub.config.deployment import Deployment
from cygnet_hub.config.layout import Layout
from cygnet_hub.errors import PlatformError
from cygnet_hub.up.secrets import write_private
from cygnet_hub.up.web import request

TEACHER, STUDENT = "teacher", "student"
GROUP = "demo-class"
FOLDER = "Examples"
#: The examples are the first entries of the gallery.
TAGS = {
    "1-dimuon-mass.ipynb": ["example", "physics", "root"],
    "2-pi-from-raindrops.ipynb": ["example", "school", "mathematics"],
    "2-pi-et-les-gouttes-de-pluie.ipynb": ["example", "school", "mathematics", "français"],
    "3-transfer-logs.ipynb": ["example", "computing", "pandas"],
    "4-beam-position.ipynb": ["example", "accelerators", "signals"],
    "5-rare-decay-fit.ipynb": ["example", "physics", "statistics"],
    "6-files-and-stores.ipynb": ["example", "files", "root"],
}


class Demo:
    """What is known of the demo accounts, kept beside the other secrets to be shown at the next start."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._path = layout.secrets / "demo.json"
        self._known: dict[str, Any] = {"passwords": {}, "hashes": {}, "examples": False}
        if self._path.exists():
            self._known = json.loads(self._path.read_text(encoding="utf-8"))

    def add_accounts(self, deployment: Deployment) -> None:
        """Make those of the accounts that do not exist, by the hub that runs."""
        absent = [name for name in (TEACHER, STUDENT) if not self._stored(name)]
        if not absent:
            return
        # Here and not above: only the first start needs the database modules, which take a while to import.
        from cygnet_hub.accounts.administration import Administration

        hub = RunningHub(deployment.hub_url, deployment.secret("admin-token"))
        minimum = deployment.settings.minimum_password_length
        accounts = Administration(self._layout, hub, minimum, obstacle=None)
        known = {account.name for account in accounts.accounts()}
        for name in absent:
            password = passwords.new_password()
            if name in known:
                accounts.set_password(name, password)
            else:
                accounts.add(name, password)
            self._known["passwords"][name] = password
            self._known["hashes"][name] = (self._stored(name) or b"").decode()
        hub.add_to_group(GROUP, [TEACHER, STUDENT])
        self._save()

    def lines(self) -> Iterator[str]:
        """Tell the names and passwords; nothing about passwords that their owners have changed since."""
        for name, password in self._known["passwords"].items():
            if (self._stored(name) or b"").decode() == self._known["hashes"].get(name):
                yield f"  {name:8} {password}"
            else:
                yield f"  {name:8} (has changed the password)"
        yield f"  (kept in {self._path})"

    def upload_examples(self, deployment: Deployment) -> None:
        """Put the example notebooks into the teacher's files, once; what is there already is left alone."""
        if self._known["examples"]:
            return
        with _Uploader(deployment, TEACHER) as uploader:
            for relative, path in example_files():
                uploader.put(f"{FOLDER}/{relative}", path)
                if relative in TAGS:
                    uploader.publish(f"{FOLDER}/{relative}", TAGS[relative])
        self._known["examples"] = True
        self._save()

    def _stored(self, name: str) -> bytes | None:
        return hub_database.password_hash(self._layout.hub_database, name)

    def _save(self) -> None:
        write_private(self._path, json.dumps(self._known, indent=1) + "\n")


class _Uploader:
    """Writes into one person's files by WebDAV, with a credential that lives as long as this object."""

    def __init__(self, deployment: Deployment, user: str) -> None:
        self._api = f"{deployment.sync_url}api/v1/server-credentials"
        self._gallery = f"{deployment.sync_url}api/v1/gallery"
        self._files = f"{deployment.sync_url}remote.php/dav/files/{quote(user)}/"
        self._key = deployment.secret("internal-key")
        self._user = user
        self._folders: set[str] = set()

    def __enter__(self) -> _Uploader:
        body = json.dumps({"user": self._user, "server": "demo", "ttl": 300}).encode()
        reply = request("POST", self._api, token=self._key, body=body)
        if reply.status != 201:
            raise PlatformError(
                f"The sync service gave no credential for the examples (status {reply.status})."
            )
        self._credential = reply.json()
        return self

    def __exit__(self, *_: object) -> None:
        request("DELETE", f"{self._api}/{self._credential['id']}", token=self._key)

    def put(self, path: str, source: Path) -> None:
        """Upload `source`, unless there is something at `path` already."""
        self._make_folders(path)
        self._send("PUT", path, (201, 204, 412), source.read_bytes(), {"If-None-Match": "*"})

    def publish(self, path: str, tags: list[str]) -> None:
        """Show a notebook to everybody in the gallery."""
        body = json.dumps({"path": f"/{path}", "tags": tags}).encode()
        reply = request("POST", self._gallery, token=self._credential["token"], body=body)
        if reply.status != 201:
            raise PlatformError(f"The example {path} could not be published (status {reply.status}).")

    def _make_folders(self, path: str) -> None:
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if folder not in self._folders:
                self._send("MKCOL", folder, (201, 405))
                self._folders.add(folder)

    def _send(
        self,
        method: str,
        path: str,
        expected: tuple[int, ...],
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        token = self._credential["token"]
        reply = request(
            method, self._files + quote(path), token=token, body=body, headers=headers, seconds=60
        )
        if reply.status not in expected:
            raise PlatformError(f"The example {path} could not be uploaded (status {reply.status}).")
