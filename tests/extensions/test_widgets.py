"""The widgets: in Python on real stores of each kind, and in a notebook in a real browser."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import fsspec
import nbformat
import pytest
import skhep_testdata
from playwright.sync_api import Page, expect, sync_playwright

from cygnet_extensions.widgets import DownloadFile, FileChooser, RootPicture, ShareFile, UploadFiles
from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.extensions.notebook_server import notebook_server
from tests.fs_bridge.stores import s3_bucket
from tests.hub.sync.api import CLIENTS, Api
from tests.sync_server import SyncServer, sync_server
from tests.xrootd_server import xrootd_servers

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts" / "e2e"
NAME = "uproot-Zmumu.root"
ZMUMU = Path(skhep_testdata.data_path(NAME))

pytestmark = pytest.mark.xdist_group("widgets")


@pytest.fixture(scope="module")
def sync(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    with sync_server(tmp_path_factory.mktemp("sync")) as server:
        yield server
        while CLIENTS:
            CLIENTS.pop().close()


@pytest.fixture
def ada(sync: SyncServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """Ada's session."""
    (tmp_path / "token").write_text(sync.app_password("ada"))
    monkeypatch.setenv("CYGNET_URL", sync.url)
    monkeypatch.setenv("CYGNET_TOKEN_FILE", str(tmp_path / "token"))
    yield Api(sync, "ada")
    CygnetFileSystem.clear_instance_cache()


def plain(markup: str) -> str:
    return re.sub("<[^>]+>", "", markup)


def check_store(start: str, folder: Path) -> None:
    """Walk down to the ROOT file below `start`, draw it and copy it here and back."""
    chooser = FileChooser(start, pattern="*.root")
    assert list(chooser.listing.options) == ["📁 deep"], plain(chooser.news.value)
    chooser.listing.value = "📁 deep"
    assert (chooser.value, chooser.enter.disabled) == ("", False)
    chooser.enter.click()
    (shown,) = chooser.listing.options
    assert shown == f"{NAME}  (179 kB)"
    chooser.listing.value = shown
    assert chooser.value.endswith(f"/deep/{NAME}")
    assert "12 of what is in" in plain(RootPicture(chooser.value).news.value)
    download = DownloadFile(chooser.value, folder)
    download.button.click()
    assert Path(download.path).read_bytes() == ZMUMU.read_bytes(), plain(download.news.value)
    bar, label = download.bars.children[0].children
    assert (bar.value, label.value) == (1.0, f"{NAME}: 179 kB, done")
    chooser.up.click()
    assert list(chooser.listing.options) == ["📁 deep"]


def test_a_folder_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "store" / "deep").mkdir(parents=True)
    shutil.copy(ZMUMU, tmp_path / "store" / "deep")
    (tmp_path / "store" / "deep" / "notes.txt").write_text("not offered")
    check_store(str(tmp_path / "store"), tmp_path)


def test_the_files_of_the_person(ada: Api, tmp_path: Path) -> None:
    ada("POST", "folders", {"path": "/Walk"}, 201)
    ada("POST", "folders", {"path": "/Walk/deep"}, 201)
    ada.put(f"/Walk/deep/{NAME}", ZMUMU.read_bytes())
    check_store("cygnet://Walk", tmp_path)
    upload = UploadFiles("cygnet://Walk/new")
    upload.put("../../sly.txt", b"x" * 3_000_000)
    assert upload.addresses == ["cygnet://Walk/new/sly.txt"], plain(upload.news.value)
    assert ada.names("/Walk/new") == ["sly.txt"]


def test_a_bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_bucket() as bucket:
        bucket.client.upload_file(str(ZMUMU), "data", f"deep/{NAME}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing-secret")
        monkeypatch.setenv("AWS_ENDPOINT_URL", bucket.endpoint)
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        check_store("s3://data", tmp_path)
        fsspec.get_filesystem_class("s3").clear_instance_cache()


@pytest.mark.needs("xrootd", "root")
def test_xrootd(tmp_path: Path) -> None:
    with xrootd_servers() as (server,):
        fsspec.core.url_to_fs(server.url)[0].put(str(ZMUMU), f"{server.url}/deep/{NAME}")
        check_store(server.url, tmp_path)


def test_trouble_is_told_in_the_widget(ada: Api, tmp_path: Path) -> None:
    assert 'role="alert"' in FileChooser("nothing://x").news.value
    assert 'role="alert"' in FileChooser(str(tmp_path / "missing")).news.value
    assert 'role="alert"' in RootPicture(str(tmp_path / "token")).news.value
    failed = DownloadFile("cygnet://missing.root", tmp_path)
    assert failed.start() == ""
    assert 'role="alert"' in failed.news.value
    assert sorted(path.name for path in tmp_path.iterdir()) == ["token"]  # no half file stays
    assert 'role="alert"' in ShareFile("cygnet://missing.root").news.value


def test_the_words_are_in_the_language_of_the_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CYGNET_LANGUAGE", "fr")
    chooser = FileChooser(str(tmp_path))
    assert chooser.address.description == "Dossier"
    assert plain(chooser.news.value) == "Rien ici."


CELLS = (
    "from cygnet_extensions.widgets import *\nFileChooser('cygnet://Seen', pattern='*.root')",
    "UploadFiles('cygnet://Seen')",
    "ShareFile('cygnet://Seen')",
    f"RootPicture('cygnet://Seen/{NAME}')",
)


@pytest.mark.browser
@pytest.mark.needs("chromium")
@pytest.mark.timeout(300)
def test_in_a_notebook(ada: Api, sync: SyncServer, tmp_path: Path) -> None:
    ada("POST", "folders", {"path": "/Seen"}, 201)
    ada.put(f"/Seen/{NAME}", ZMUMU.read_bytes())
    files = tmp_path / "files"
    files.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, files / "widgets.ipynb")
    own = {"CYGNET_URL": sync.url, "CYGNET_TOKEN_FILE": str(tmp_path / "token")}
    expose = "--LabApp.expose_app_in_browser=True"
    with notebook_server(tmp_path / "home", files, expose, **own) as server, sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 1500}, locale="en-GB")
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        page.goto(server.page("lab/tree/widgets.ipynb"))
        try:
            _use(page)
        finally:
            ARTIFACTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=ARTIFACTS / "widgets.png")
            browser.close()
    assert [share["grantee"]["id"] for share in ada("GET", "shares?view=item&path=/Seen")["shares"]] == [
        "student"
    ]
    assert "from here.csv" in ada.names("/Seen")


def _use(page: Page) -> None:
    """Choose, upload and share, as a person does."""
    expect(page.locator(".jp-NotebookPanel .jp-CodeCell")).to_have_count(len(CELLS))
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.get_by_role("listbox", name="Files").select_option(f"{NAME}  (179 kB)")
    expect(page.get_by_role("status").filter(has_text=f"cygnet://Seen/{NAME}").first).to_be_visible()
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Upload (0)").click()
    chosen.value.set_files({"name": "from here.csv", "mimeType": "text/csv", "buffer": b"1,2\n" * 1000})
    expect(page.get_by_text("from here.csv: 4.0 kB, done")).to_be_visible()
    who = page.get_by_role("combobox", name="Share with")
    who.fill("Emmy")
    who.press("Enter")
    page.locator(".jp-OutputArea").get_by_role("button", name="Share").click()
    expect(page.get_by_text("Emmy Noether: can view")).to_be_visible()
    expect(page.get_by_role("img", name="Distributions of Run, Event, E1")).to_be_visible()
