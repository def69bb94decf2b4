"""ROOT files in JupyterLab: real files, a real server and a real browser."""

from __future__ import annotations

import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
import skhep_testdata
from playwright.sync_api import FrameLocator, Locator, Page, expect, sync_playwright

from tests.extensions.notebook_server import TOKEN, NotebookServer, bare_server, notebook_server
from tests.sync_server import sync_server

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts" / "e2e"
ZMUMU, HZZ, HISTOGRAMS = "uproot-Zmumu.root", "uproot-HZZ.root", "uproot-hepdata-example.root"

pytestmark = pytest.mark.xdist_group("root viewer")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookServer]:
    base = tmp_path_factory.mktemp("root-viewer")
    files = base / "files"
    (files / "data").mkdir(parents=True)
    for name in (ZMUMU, HZZ, HISTOGRAMS):
        shutil.copy(skhep_testdata.data_path(name), files / "data" / name)
    (files / "data" / "broken.root").write_bytes(b"no ROOT file at all" * 100)
    with notebook_server(base / "home", files, "--LabApp.expose_app_in_browser=True") as running:
        yield running


@pytest.fixture
def page(server: NotebookServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=60_000)
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, server.log.parents[1] / "files" / "analysis.ipynb")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        made = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB")
        made.set_default_timeout(60_000)
        before = request.session.testsfailed
        yield made
        if request.session.testsfailed > before:
            made.screenshot(path=ARTIFACTS / f"failed-{request.node.name}.png")
        browser.close()


def opened(page: Page, name: str) -> FrameLocator:
    """Open a file by a double click, as people do; the frame of the viewer."""
    page.locator(".jp-DirListing-item", has_text=name).dblclick()
    return page.frame_locator(f'iframe[title="ROOT file {name}"]')


def execute(page: Page, command: str, arguments: object) -> None:
    """Run a command of JupyterLab."""
    script = "([command, arguments]) => void window.jupyterapp.commands.execute(command, arguments)"
    page.evaluate(script, [command, arguments])


def notebook_beside(page: Page) -> Locator:
    """Open the notebook at the right of what is in front; its cells."""
    execute(page, "docmanager:open", {"path": "analysis.ipynb", "options": {"mode": "split-right"}})
    cells = page.locator(".jp-NotebookPanel .jp-CodeCell")
    expect(cells).to_have_count(1)
    return cells


def drawn(frame: FrameLocator) -> None:
    expect(frame.locator("#drawing svg .main_layer").first).to_be_attached()


def drag(page: Page, source: Locator, target: Locator) -> None:
    """Drag by the mouse, also out of a frame."""
    source.hover()  # waits until it moves no more
    page.mouse.down()
    x, y = middle(target)
    page.mouse.move(x, y - 5, steps=5)
    page.mouse.move(x, y, steps=3)
    page.mouse.up()


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.browser
@pytest.mark.needs("chromium")
def test_a_branch_is_drawn_and_its_code_runs_in_a_notebook(page: Page, server: NotebookServer) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.page("lab/tree/data?reset"))
    frame = opened(page, ZMUMU)
    frame.get_by_text("E1", exact=True).click()
    drawn(frame)
    expect(frame.locator("#about")).to_have_text("double · E1/D · 2,304 entries")
    frame.get_by_role("button", name="Add to the notebook").click()
    expect(page.get_by_text("Open a notebook first").first).to_be_visible()
    # Parts of the file only, and no checkpoint, which would be a copy of it.
    parts = [url for url in asked if "/cygnet/api/bytes" in url]
    assert 0 < len(parts) < 10, parts
    whole = [url for url in asked if ZMUMU in url and ("content=1" in url or "/files/" in url)]
    assert whole == []

    cells = notebook_beside(page)
    frame.get_by_role("button", name="Add to the notebook").click()
    expect(cells).to_have_count(2)
    expect(cells.nth(1)).to_contain_text(f'with uproot.open("data/{ZMUMU}") as file:')
    cells.nth(1).click()
    execute(page, "notebook:run-all-cells", {})
    expect(cells.nth(1).locator(".jp-OutputArea-output")).to_contain_text("2304 * float64")


@pytest.mark.browser
@pytest.mark.needs("chromium")
def test_it_is_there_again_when_the_page_is_loaded_again(page: Page, server: NotebookServer) -> None:
    page.goto(server.page("lab/tree/data?reset"))
    frame = opened(page, ZMUMU)
    frame.get_by_text("E1", exact=True).wait_for()
    with page.expect_response(
        lambda answer: "api/workspaces" in answer.url and answer.request.method == "PUT"
    ):
        notebook_beside(page)
    page.goto(server.page("lab"))
    expect(page.locator(".jp-NotebookPanel .jp-CodeCell")).to_have_count(1)
    again = page.frame_locator(f'iframe[title="ROOT file {ZMUMU}"]')
    again.get_by_text("E1", exact=True).click()
    drawn(again)
    again.get_by_role("button", name="Add to the notebook").click()
    expect(page.locator(".jp-NotebookPanel .jp-CodeCell").nth(1)).to_contain_text(
        f'uproot.open("data/{ZMUMU}")'
    )


@pytest.mark.browser
@pytest.mark.needs("chromium")
def test_a_histogram_is_dragged_into_a_notebook(page: Page, server: NotebookServer) -> None:
    page.goto(server.page("lab/tree/data?reset"))
    frame = opened(page, HISTOGRAMS)
    drawn(frame)  # the first one, at once
    cells = notebook_beside(page)
    drag(page, frame.get_by_text("hpxpy", exact=True), cells.first)
    expect(cells).to_have_count(2)
    expect(cells.nth(0)).to_contain_text("1 + 1")
    expect(cells.nth(1)).to_contain_text('hpxpy = file["hpxpy"].to_hist()')
    execute(page, "notebook:run-all-cells", {})
    expect(cells.nth(1).locator(".jp-OutputArea-output img")).to_be_visible()
    page.screenshot(path=ARTIFACTS / "root-viewer.png")


@pytest.mark.browser
@pytest.mark.needs("chromium")
def test_with_the_keyboard_in_the_dark(page: Page, server: NotebookServer) -> None:
    page.goto(server.page("lab/tree/data?reset"))
    frame = opened(page, HZZ)
    item = frame.get_by_role("treeitem", name="NJet")
    item.wait_for()
    execute(page, "apputils:change-theme", {"theme": "JupyterLab Dark"})
    expect(frame.locator("html.dark")).to_be_attached()
    frame.get_by_role("treeitem").first.focus()
    for _ in range(2):  # into the tree, to its first branch
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(frame.get_by_role("heading", name="NJet")).to_be_visible()
    drawn(frame)
    page.keyboard.press("Tab")
    expect(frame.get_by_role("button", name="Add to the notebook")).to_be_focused()
    page.screenshot(path=ARTIFACTS / "root-viewer-dark.png")


@pytest.mark.browser
@pytest.mark.needs("chromium")
def test_what_is_no_root_file_is_said_so(page: Page, server: NotebookServer) -> None:
    page.goto(server.page("lab/tree/data?reset"))
    words = opened(page, "broken.root").get_by_role("alert")
    expect(words).to_contain_text("This file cannot be read as a ROOT file.")


def ask(server: NotebookServer, query: str, token: str = TOKEN) -> tuple[int, bytes, str]:
    """Status, body and size of the file that `bytes` answers with."""
    request = urllib.request.Request(f"{server.url}cygnet/api/bytes?{query}")
    request.add_header("Authorization", f"token {token}")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers["X-File-Size"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), ""


def check_parts(server: NotebookServer, path: str, data: bytes) -> None:
    """Whether ranges of a file come as they should, whatever holds it."""
    size = str(len(data))
    path = f"path={quote(path)}"
    assert ask(server, path) == (200, b"", size)
    assert ask(server, f"{path}&range=0-4&range=10-12&range=2-2") == (200, data[:4] + data[10:12], size)
    assert ask(server, f"{path}&range={len(data) - 2}-{len(data) + 50}") == (200, data[-2:], size)
    for wrong in ("range=4-2", "range=-1-2", "range=a-b", "range=1"):
        assert ask(server, f"{path}&{wrong}")[0] == 400, wrong
    assert ask(server, f"{path}&range=0-{1 << 30}")[0] == 413
    assert ask(server, "path=nothing.root")[0] == 404
    assert ask(server, path, token="wrong")[0] == 403


def test_parts_of_a_file_on_disk(server: NotebookServer) -> None:
    check_parts(server, f"data/{ZMUMU}", Path(skhep_testdata.data_path(ZMUMU)).read_bytes())
    assert ask(server, "path=data")[0] == 404
    assert ask(server, "path=../home/server.log")[0] == 404


def test_parts_of_a_file_at_the_service(tmp_path: Path) -> None:
    manager = "--ServerApp.contents_manager_class=cygnet_extensions.contents.FsspecContentsManager"
    data = Path(skhep_testdata.data_path(HZZ)).read_bytes()
    with sync_server(tmp_path / "sync") as sync:
        token = tmp_path / "token"
        token.write_text(sync.app_password("ada"))
        put = urllib.request.Request(f"{sync.url}/api/v1/content?path=/hzz.root", data, method="PUT")
        put.add_header("Authorization", f"Bearer {token.read_text()}")
        urllib.request.urlopen(put, timeout=30).close()
        own = {"CYGNET_URL": sync.url, "CYGNET_TOKEN_FILE": str(token), "CYGNET_MOUNT": "none"}
        with bare_server(tmp_path / "home", tmp_path, manager, **own) as server:
            check_parts(server, "hzz.root", data)
