"""Previews of the Files site, of real files of every kind, in a real browser."""

from __future__ import annotations

import io
import json
from typing import Any

import skhep_testdata
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from playwright.sync_api import Locator, expect

from cygnet_extensions.examples import CONTENT

from .conftest import picture
from .files_site import NASTY_NOTEBOOK, SITE, Open, new_folder, row, text_file, upload

TRANSFERS = (CONTENT / "data" / "transfers.csv").read_bytes()


def binary_file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_previews_show_files_and_run_nothing(site: Open) -> None:
    page = site("teacher")
    new_folder(page, "Looks")
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>top.hacked=1</script><rect width='9'/></svg>"
    upload(
        page,
        text_file("n.ipynb", json.dumps(NASTY_NOTEBOOK)),
        text_file("m.md", "# Title\n\n<script>window.hacked = 1</script> [x](javascript:alert(1))"),
        text_file("t.csv", 'run;comment\n7;"a;b"\n'),
        text_file("p.svg", svg),
        text_file("c.py", "def f():\n    return '<b>'\n"),
        text_file("h.html", "<script>window.hacked = 1</script>"),
    )
    expect(row(page, "h.html")).to_be_visible()
    upload(page, skhep_testdata.data_path("uproot-Zmumu.root"))
    expect(row(page, "uproot-Zmumu.root")).to_be_visible()

    page.goto(SITE + "files/Looks?file=n.ipynb")
    expect(page.frame_locator("iframe").get_by_text("Harmless")).to_be_visible()
    expect(page.get_by_role("link", name="Open in notebook")).to_have_attribute(
        "href", "/hub/user-redirect/lab/tree/Looks/n.ipynb"
    )
    page.goto(SITE + "files/Looks?file=m.md")
    expect(page.get_by_role("heading", name="Title")).to_be_visible()
    expect(page.get_by_text("<script>window.hacked = 1</script>")).to_be_visible()
    page.goto(SITE + "files/Looks?file=t.csv")
    expect(page.get_by_role("cell", name="a;b")).to_be_visible()
    page.goto(SITE + "files/Looks?file=p.svg")
    expect(page.get_by_role("img", name="p.svg")).to_be_visible()
    page.goto(SITE + "files/Looks?file=h.html")
    expect(page.get_by_text("window.hacked = 1")).to_be_visible()
    page.goto(SITE + "files/Looks?file=uproot-Zmumu.root")
    viewer = page.frame_locator("iframe")
    viewer.get_by_role("treeitem").get_by_text("M", exact=True).click()
    expect(viewer.get_by_text("2,304 entries")).to_be_visible()
    expect(viewer.locator("#drawing svg").first).to_be_visible()
    frame = page.locator("iframe").element_handle().content_frame()
    assert frame is not None
    assert frame.evaluate("self.origin") == "null"
    assert page.evaluate("window.hacked") is None
    page.keyboard.press("Escape")
    expect(page.get_by_role("grid")).to_be_visible()


def printed(*titles: str) -> bytes:
    """A real PDF: on each page a line that falls, below a title, in letters that the document brings."""
    document = io.BytesIO()
    with PdfPages(document) as pages:
        for title in titles:
            figure = Figure(figsize=(6, 4))
            axes = figure.add_subplot(title=title, xlabel="mass in GeV", ylabel="events")
            axes.plot([70, 110], [5, 1], linewidth=6)
            pages.savefig(figure)
    return document.getvalue()


def drawn(canvas: Locator) -> int:
    """How many of its points are not white."""
    count: int = canvas.evaluate(
        """canvas => {
            const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            let points = 0;
            for (let at = 0; at < data.length; at += 4)
                if (data[at + 3] && data[at] + data[at + 1] + data[at + 2] < 600) points++;
            return points;
        }"""
    )
    return count


def test_a_pdf_is_drawn_and_its_words_can_be_found(site: Open) -> None:
    page = site("teacher")
    new_folder(page, "Papers")
    upload(
        page,
        binary_file("paper.pdf", printed("The Z boson", "Its width")),
        binary_file("torn.pdf", printed("Half of it")[:400]),
    )
    expect(row(page, "torn.pdf")).to_be_visible()
    row(page, "paper.pdf").get_by_role("link").click()
    preview = page.get_by_role("dialog", name="Preview of paper.pdf")
    expect(preview.get_by_role("status").filter(has_text="2 pages")).to_be_attached()
    first, second = (preview.get_by_role("group", name=f"Page {number}") for number in (1, 2))
    expect(first.get_by_text("The Z boson")).to_be_attached()
    assert drawn(first.locator("canvas")) > 1000
    picture(page, "preview-pdf")
    second.scroll_into_view_if_needed()
    expect(second.get_by_text("Its width")).to_be_attached()
    assert drawn(second.locator("canvas")) > 1000
    page.keyboard.press("Escape")
    row(page, "torn.pdf").get_by_role("link").click()
    expect(page.get_by_role("heading", name="This document cannot be shown")).to_be_visible()


def test_pictures_tables_and_programs_are_shown(site: Open) -> None:
    page = site("teacher")
    new_folder(page, "Mixed")
    image = io.BytesIO()
    Figure(figsize=(3, 2), facecolor="teal").savefig(image, dpi=100)
    upload(
        page,
        binary_file("plot.png", image.getvalue()),
        binary_file("torn.png", image.getvalue()[:40]),
        binary_file("transfers.csv", TRANSFERS),
        text_file("fit.py", "def mass(energy):\n    return '<b>' if energy else None\n"),
    )
    expect(row(page, "fit.py")).to_be_visible()
    row(page, "fit.py").get_by_role("link").click()
    expect(page.locator("pre.code")).to_contain_text("return '<b>' if energy else None")
    expect(page.locator("pre.code .hljs-keyword").first).to_have_text("def")

    page.get_by_role("button", name="Next file").click()
    shown = page.get_by_role("dialog").get_by_role("img", name="plot.png")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 300)

    page.get_by_role("button", name="Next file").click()
    expect(page.get_by_role("heading", name="This image cannot be shown")).to_be_visible()

    page.get_by_role("button", name="Next file").click()
    heads = page.get_by_role("dialog").get_by_role("columnheader")
    expect(heads).to_have_text(TRANSFERS.split(b"\n", 1)[0].decode().split(","))
    picture(page, "preview-csv")
