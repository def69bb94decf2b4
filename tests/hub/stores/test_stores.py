"""The stores of a site on the real platform: entered on the hub's page, mounted, read in a kernel."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy
import psutil
import pytest
import requests
import uproot
from playwright.sync_api import sync_playwright

from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.fs_bridge.stores import Bucket, http_server, s3_bucket
from tests.kernel import in_kernel
from tests.platform import Platform, platform
from tests.spawner.small_hub import Person
from tests.sync_server import SyncServer, sync_server
from tests.xrootd_server import XRootD, xrootd_servers
from tests.xrootd_tokens import TokenServer, token_server

pytestmark = [
    pytest.mark.platform,
    pytest.mark.xdist_group("platform"),
    pytest.mark.timeout(400),
    pytest.mark.needs("fuse", "root", "xrootd", "scitokens", "openssl"),
]

SECRET, RUNS = "testing-secret", "token-of-the-run-database"
AUTHORITIES = Path("/etc/grid-security/certificates")
TABLES = Path("/etc/cygnet/fixed")
SETTINGS = """
[stores.lake]
title = "The lake"
url = "s3://data/lake"
description = "Measurements."
credential = "keys"
options = {{ endpoint_url = "{endpoint}" }}

[stores.away]
title = "Away"
url = "http://127.0.0.1:9/"

[stores.events]
title = "Events"
url = "{xrootd}"
read_only = true

[stores.runs]
title = "Runs"
url = "{runs}/"
credential = "token"

[stores.cloud]
title = "University cloud"
url = "webdav://"
credential = "password"
options = {{ base_url = "{cloud}/remote.php/dav/files/{{user}}/" }}

[stores.grid]
title = "The grid"
url = "roots://{grid}//data"
credential = "token"
"""


@dataclass
class Site:
    """A platform with stores of all kinds."""

    running: Platform
    bucket: Bucket
    xrootd: XRootD
    table: str
    runs: str
    cloud: SyncServer
    grid: TokenServer

    def person(self, name: str) -> Person:
        return Person(self.running.hub.rstrip("/"), name, self.running.passwords[name], self.running.logs)


@pytest.fixture(scope="module")
def root_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("root") / "x.root"
    with uproot.recreate(path) as file:
        file["events"] = {"n": numpy.arange(100_000)}
    return path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, root_file: Path) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("stores")
    (folder / "runs").mkdir()
    with (
        s3_bucket() as bucket, xrootd_servers(1) as [server], token_server() as grid,
        http_server(folder / "runs", RUNS) as runs, sync_server(folder / "cloud") as cloud,
        trusted(grid.authorities),
    ):  # fmt: skip
        shutil.copy(root_file, folder / "runs" / "x.root")
        shutil.copy(root_file, grid.server.data / "x.root")
        filesystem = CygnetFileSystem(cloud.url, user="ada", password=cloud.app_password("ada"))
        filesystem.put_file(str(root_file), "/x.root")
        bucket.client.put_object(Bucket="data", Key="lake/readme", Body=b"hello")
        bucket.client.upload_file(os.fspath(root_file), "data", "lake/x.root")
        shutil.copy(root_file, server.data / "x.root")
        (server.data / "2026-11").mkdir()
        shutil.copy(root_file, server.data / "2026-11" / "x.root")
        (folder / "data").mkdir()
        text = SETTINGS.format(
            endpoint=bucket.endpoint, xrootd=server.url, runs=runs, cloud=cloud.url, grid=grid.server.hostid
        )
        (folder / "data" / "cygnet.toml").write_text(text)
        table = TABLES / f"test-{os.getpid()}.toml"
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_text(f'[[epoch]]\n[epoch.nodes]\none = "{server.url}"\n')
        try:
            with platform(folder) as running:
                yield Site(running, bucket, server, table.stem, runs, cloud, grid)
        finally:
            table.unlink()


@contextlib.contextmanager
def trusted(authorities: Path) -> Iterator[None]:
    """Let the machine trust authorities of the grid until the block ends."""
    added = [file for file in authorities.iterdir() if not (AUTHORITIES / file.name).exists()]
    AUTHORITIES.mkdir(parents=True, exist_ok=True)
    for file in added:
        shutil.copy(file, AUTHORITIES)
    try:
        yield
    finally:
        for file in added:
            (AUTHORITIES / file.name).unlink()
        with contextlib.suppress(OSError):  # there are others
            AUTHORITIES.rmdir()


def page(person: Person) -> str:
    answer = person.browser.get(f"{person.url}/hub/stores", timeout=30)
    assert answer.ok, answer.text
    return answer.text


def send(person: Person, **fields: str) -> requests.Response:
    form = {"_xsrf": person.xsrf(page(person)), **fields}
    return person.browser.post(f"{person.url}/hub/stores", data=form, timeout=30)


def enter(person: Person) -> requests.Response:
    return send(person, store="lake", key="testing", secret=SECRET)


def enter_all(site: Site, person: Person) -> None:
    cloud = {"user": "ada", "password": site.cloud.app_password("ada")}
    wanted = {"runs": {"token": RUNS}, "cloud": cloud, "grid": {"token": site.grid.token()}}
    assert enter(person).ok
    for store, fields in wanted.items():
        assert send(person, store=store, **fields).ok


def database(site: Site) -> bytes:
    return b"".join(path.read_bytes() for path in (site.running.data / "hub").glob("jupyterhub.sqlite*"))


@pytest.fixture(scope="module")
def teacher(site: Site) -> Iterator[Person]:
    """Somebody whose server mounts all stores."""
    person = site.person("teacher")
    enter_all(site, person)
    person.start(stores=["lake", "events", "away", "runs", "cloud", "grid"])  # type: ignore[arg-type]
    yield person
    person.browser.close()


def test_a_credential_is_kept_sealed(site: Site, teacher: Person) -> None:
    text = page(teacher)
    assert "You have entered a credential" in text
    assert b"cygnet_store_credentials" in database(site)
    for secret in (SECRET, RUNS):
        assert secret not in text
        assert secret.encode() not in database(site)
    key = site.running.data / "secrets" / "crypt-key"
    assert key.stat().st_mode & 0o777 == 0o600
    deployment = (site.running.data / "platform" / "deployment.json").read_text()
    assert key.read_text().strip() not in deployment


def test_what_cannot_be_kept_is_told(site: Site, teacher: Person) -> None:
    refused = send(teacher, store="lake", key="", secret=SECRET)
    assert refused.status_code == 400
    assert "Access key is missing." in refused.text
    assert send(teacher, store="events", key="k", secret="s").status_code == 400
    assert send(teacher, store="nothing", key="k", secret="s").status_code == 400
    unasked = {"store": "lake", "key": "k", "secret": "s"}
    assert teacher.browser.post(f"{teacher.url}/hub/stores", data=unasked, timeout=30).status_code == 403


def test_the_stores_are_folders(site: Site, teacher: Person) -> None:
    written = in_kernel(
        teacher,
        """
import os
from pathlib import Path
stores = Path.home() / "stores"
print(sorted(os.listdir(stores)))
try:
    os.listdir(stores / "away")
except OSError as error:
    print("away", error.errno)
print((stores / "lake" / "readme").read_text())
(stores / "lake" / "result").write_text("from a kernel")
print(sorted(os.listdir(stores / "events")))
try:
    (stores / "events" / "new").write_text("x")
except PermissionError:
    print("read only")
""",
    )
    away = f"away {errno.EIO}"  # and it held nobody up
    assert written.splitlines() == [
        "['away', 'cloud', 'events', 'grid', 'lake', 'runs']",
        away,
        "hello",
        "['2026-11', 'x.root']",
        "read only",
    ]
    assert site.bucket.client.get_object(Bucket="data", Key="lake/result")["Body"].read() == b"from a kernel"


def test_the_file_browser_shows_them(site: Site, teacher: Person) -> None:
    top = teacher.server("GET", "api/contents/?content=1")
    assert top.ok, top.text + (site.running.data / "run" / "teacher" / "server.log").read_text()[-3000:]
    names = [one["name"] for one in top.json()["content"]]
    assert "Stores" in names
    listed = teacher.server("GET", "api/contents/Stores/lake").json()["content"]
    assert {"readme", "x.root"} <= {one["name"] for one in listed}
    assert teacher.server("GET", "api/contents/Stores/lake/readme").json()["content"] == "hello"
    saved = teacher.server(
        "PUT",
        "api/contents/Stores/lake/saved.txt",
        json={"type": "file", "format": "text", "content": "saved"},
    )
    assert saved.ok, saved.text
    assert teacher.server("GET", "api/contents/Stores/../../../etc/passwd").status_code in (400, 404)
    assert in_kernel(teacher, "import os; print(os.getcwd())", "Stores/lake/a.ipynb").endswith(
        "/stores/lake\n"
    )


def test_root_files_open_in_one_line(site: Site, teacher: Person) -> None:
    told = in_kernel(
        teacher,
        f"""
import fsspec, os, shutil, uproot
from fsspec.asyn import sync
home = os.path.expanduser("~")
shutil.copy(home + "/stores/lake/x.root", home + "/files/x.root")
os.sync()
with open(home + "/files/x.root", "rb") as file:
    os.fsync(file.fileno())
own = fsspec.filesystem("cygnet")
link = sync(own.loop, own.api.create_share, {{"path": "/x.root", "kind": "link", "role": "viewer"}}).url
addresses = {{
    "cygnet": "cygnet://x.root",
    "root": "{site.xrootd.url}/x.root",
    "s3": "s3://data/lake/x.root",
    "fixed": "fixed://{site.table}/2026-11/x.root",
    "link": link,
    "download": link + "/download",
    "token": "roots://{site.grid.server.hostid}//data/x.root",
    "http": "{site.runs}/x.root",
    "webdav": "{site.cloud.url}/remote.php/dav/files/ada/x.root",
}}
mounted = ("events", "grid", "lake", "runs", "cloud")
addresses |= {{name: f"{{home}}/stores/{{name}}/x.root" for name in mounted}}
for kind, address in addresses.items():
    with uproot.open(address) as file:
        print(kind, file["events"]["n"].array(library="np").sum())
""",
    )
    total = sum(range(100_000))
    kinds = "cygnet root s3 fixed link download token http webdav events grid lake runs cloud"
    assert told.splitlines() == [f"{kind} {total}" for kind in kinds.split()]


def test_a_store_that_can_be_written_is_written(site: Site, teacher: Person) -> None:
    told = in_kernel(
        teacher,
        """
from pathlib import Path
for name in ("cloud", "grid", "lake", "runs"):
    try:
        (Path.home() / "stores" / name / "written by a kernel").write_text(name)
        print(name)
    except OSError as error:
        print(name, error.strerror)
""",
    )
    assert told.splitlines() == ["cloud", "grid", "lake", "runs Permission denied"]
    at_the_cloud = CygnetFileSystem(site.cloud.url, user="ada", password=site.cloud.app_password("ada"))
    assert at_the_cloud.cat("/written by a kernel") == b"cloud"
    assert (site.grid.server.data / "written by a kernel").read_text() == "grid"


def test_another_session_has_none_of_it(site: Site, teacher: Person) -> None:
    student = site.person("student")
    form = student.form()
    assert "disabled" in form
    assert "Enter your credential for it" in form
    student.start()
    told = in_kernel(
        student,
        """
import glob, os
print(glob.glob("/run/cygnet/stores/*"), os.path.exists(os.path.expanduser("~/stores/lake")))
print([name for name in os.environ if "STORE" in name or name.startswith("AWS")])
print(glob.glob("/home/*"))
""",
    )
    assert told.splitlines() == ["[] False", "[]", "['/home/student']"]
    files = site.running.data / "run" / "teacher" / "token" / "stores"
    assert sorted(file.name for file in files.iterdir()) == [
        "addresses", "away.json", "aws-config", "aws-credentials", "cloud.json", "events.json", "grid.json",
        "grid.token", "lake.json", "runs.json",
    ]  # fmt: skip
    assert {file.stat().st_mode & 0o777 for file in files.iterdir()} == {0o600}
    owners = {file.stat().st_uid for file in files.iterdir()}
    assert owners == {(site.running.data / "homes" / "teacher").stat().st_uid}
    assert "You have entered a credential" not in page(student)
    student.stop()
    student.browser.close()


@pytest.mark.browser
@pytest.mark.needs("chromium")
def test_in_the_browser_from_the_credential_to_the_file(site: Site) -> None:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        window = browser.new_page(base_url=site.running.hub, locale="en-GB")
        window.set_default_timeout(60_000)
        window.goto("hub/login?next=%2Fhub%2Fstores")
        window.get_by_label("Account name").fill("student")
        window.get_by_label("Password").fill(site.running.passwords["student"])
        window.get_by_role("button", name="Log in").click()
        runs = window.get_by_role("form", name="Runs")
        runs.get_by_label("Token").fill(RUNS)
        runs.get_by_role("button", name="Keep").click()
        window.get_by_text("Your credential for Runs is kept.").wait_for()
        assert f"{site.cloud.url}/remote.php/dav/files/" in window.get_by_role("main").inner_text()

        window.goto("hub/spawn/student")
        assert window.get_by_label("University cloud").is_disabled()
        window.get_by_label("Runs").check()
        window.get_by_role("button", name="Start", exact=True).click()
        for name in ("Stores", "runs", "x.root"):
            window.locator(".jp-DirListing-item", has_text=name).dblclick()
        window.frame_locator('iframe[title="ROOT file x.root"]').get_by_text("events").first.wait_for()
        browser.close()
    person = site.person("student")
    assert send(person, store="runs", remove="yes").ok
    person.stop()
    person.browser.close()


def test_a_lost_mount_is_made_again(site: Site, teacher: Person) -> None:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name() != "bwrap" and "mount/store-lake.json" in " ".join(process.cmdline()):
                process.kill()
    code = "import os; print(os.path.exists(os.path.expanduser('~/stores/lake/readme')))"
    deadline = time.monotonic() + 60
    while "True" not in in_kernel(teacher, code):
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_nothing_stays_behind(site: Site) -> None:
    person = site.person("student")
    assert enter(person).ok
    assert send(person, store="lake", remove="yes").ok
    assert "You have entered a credential" not in page(person)
    person.browser.close()
