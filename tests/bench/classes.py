"""A class of 200: seconds to hand out a folder, to update it and to collect it, and the bytes that costs."""

from __future__ import annotations

import json
import os
import platform as machine
import time
from typing import Any

import httpx

from tests.sync_server import SyncServer, sync_server

STUDENTS = 200
#: Files of the exercise: a notebook, and data that nobody changes.
DATA_BYTES = 50 << 20


def main() -> None:
    """Print a table of seconds."""
    with sync_server() as server:
        names = [f"student{number:03}" for number in range(STUDENTS)]
        server.directory.people.update({name: name for name in names})
        with _client(server, "teacher") as teacher:
            figures = _measure(server, teacher, names)
    print(f"{STUDENTS} students, {DATA_BYTES >> 20} MiB of data each; {os.cpu_count()} cores, ", end="")
    print(f"Python {machine.python_version()}\n\n| what | |\n|---|---|")
    for what, figure in figures.items():
        print(f"| {what} | {figure} |")


def _measure(server: SyncServer, teacher: httpx.Client, names: list[str]) -> dict[str, str]:
    made = _ask(teacher, "POST", "classes", json={"name": "Large"})
    path, figures = f"classes/{made['id']}", {}
    _ask(teacher, "POST", "folders", json={"path": "/sheet"})
    _put(teacher, "/sheet/exercise.ipynb", _notebook("# v1", "answer = None"))
    _put(teacher, "/sheet/data.bin", os.urandom(DATA_BYTES))
    before = _stored(server)
    figures["roster read"] = _timed(teacher, f"{path}/roster", content="\n".join(names))
    figures["handed out"] = _timed(teacher, f"{path}/handouts", json={"path": "/sheet"})
    handout = f"{path}/handouts/{_ask(teacher, 'GET', f'{path}/handouts')['handouts'][0]['id']}"
    for name in names:
        with _client(server, name) as student:
            work = "/Classes/Large/Work/sheet/exercise.ipynb"
            _put(student, work, _notebook("# v1", f"answer = '{name}'"))
    figures["collected"] = _timed(teacher, f"{handout}/collect", json={})
    _put(teacher, "/sheet/exercise.ipynb", _notebook("# v2", "answer = None"))
    figures["updated, each notebook merged"] = _timed(teacher, f"{handout}/update", json={})
    figures["overview"] = _timed(teacher, handout, "GET")
    figures["bytes stored more, for all of it"] = f"{(_stored(server) - before) / 1e6:.1f} MB"
    return figures


def _client(server: SyncServer, user: str) -> httpx.Client:
    auth = (user, server.app_password(user))
    return httpx.Client(base_url=f"{server.url}/api/v1/", auth=auth, timeout=300, trust_env=False)


def _ask(client: httpx.Client, method: str, path: str, **more: Any) -> Any:
    answer = client.request(method, path, **more)
    answer.raise_for_status()
    return answer.json()


def _timed(client: httpx.Client, path: str, method: str = "POST", **more: Any) -> str:
    start = time.monotonic()
    _ask(client, method, path, **more)
    return f"{time.monotonic() - start:.2f} s"


def _put(client: httpx.Client, path: str, data: bytes) -> None:
    client.put("content", params={"path": path}, content=data).raise_for_status()


def _stored(server: SyncServer) -> int:
    return sum(file.stat().st_size for file in (server.data / "contents").rglob("*") if file.is_file())


def _notebook(*sources: str) -> bytes:
    cells = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "source": s,
            "execution_count": None,
            "outputs": [],
        }
        for n, s in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
