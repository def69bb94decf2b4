"""The platform in French, in a real browser: every page that people see, and the choice of the language."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.platform import Platform

from .conftest import SITE, picture
from .files_site import row, text_file, upload
from .languages import french_page, speak_nonsense, unmarked
from .people import SERVER_MS

pytestmark = pytest.mark.timeout(240)


def log_in(page: Page, running: Platform, name: str) -> None:
    """Log in, in whatever language the page is."""
    page.goto("hub/login")
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(running.passwords[name])
    page.locator("[type=submit]").click()
    expect(page.locator("nav.places")).to_be_visible()


@pytest.fixture
def page(chromium: Browser, running: Platform) -> Iterator[Page]:
    """A browser that asks for French."""
    opened = french_page(chromium, running)
    yield opened
    opened.context.close()


def account(running: Platform, name: str) -> str:
    """Make an account: what is chosen here stays with it, and concerns no other test."""
    command = [sys.executable, "-m", "cygnet_fs_bridge.cli", "user", "add", name, "--password-stdin"]
    running.passwords[name] = "une phrase que personne ne devine"
    subprocess.run(
        [*command, "--data", str(running.data)],
        input=running.passwords[name].encode(), check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return name


def test_login_files_and_share_dialog_are_french(page: Page, running: Platform) -> None:
    page.goto("hub/login")
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.get_by_label("Nom du compte").fill("teacher")
    page.get_by_label("Mot de passe").fill("not this one")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_contain_text("Le nom ou le mot de passe n\u2019est pas juste.")
    picture(page, "french-login")
    log_in(page, running, "teacher")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("link", name="Partagé avec moi")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Modifié")).to_be_visible()
    picture(page, "french-files")
    page.get_by_role("row").filter(has_text="Examples").hover()
    page.get_by_role("button", name="Partager Examples").click()
    dialog = page.get_by_role("dialog", name="Partager « Examples »")
    expect(dialog.get_by_placeholder("Ajouter une personne ou un groupe")).to_be_visible()
    picture(page, "french-share")


def test_what_the_service_refuses_is_said_in_french(page: Page, running: Platform) -> None:
    log_in(page, running, "teacher")
    answer = page.evaluate("() => fetch('api/v1/files?path=/nowhere').then(answer => answer.json())")
    assert answer["error"] == {"code": "not-found", "message": "Il n\u2019y a rien à «\u00a0/nowhere\u00a0»."}
    plain = page.request.get("services/sync/api/v1/public/nothing", headers={"Accept-Language": "en"})
    assert plain.json()["error"]["message"] == "This link does not exist, or is no longer valid."


def test_start_page_and_jupyterlab_are_french(page: Page, running: Platform) -> None:
    log_in(page, running, account(running, "bruno"))
    page.goto("hub/home")
    expect(page.get_by_role("heading", name="Bonjour, bruno")).to_be_visible()
    picture(page, "french-home")
    page.goto("hub/spawn")
    expect(page.get_by_text("Environnement logiciel")).to_be_visible()
    picture(page, "french-start")
    page.get_by_role("button", name="Démarrer", exact=True).click()
    # JupyterLab follows the choice by setting its own language, and loads once more.
    expect(page.get_by_role("menuitem", name="Exécution", exact=True)).to_be_visible(timeout=SERVER_MS)
    page.get_by_role("tab", name=re.compile("Partagé avec moi")).click()
    panel = page.get_by_role("region", name=re.compile("Partagé avec moi"))
    expect(panel.get_by_role("heading", name="Partagé avec moi")).to_be_visible()
    picture(page, "french-lab")
    page.get_by_role("button", name=re.compile("Python 3")).first.click()
    share = page.get_by_role("button", name="Partager", exact=True)
    expect(share).to_be_enabled(timeout=SERVER_MS)
    expect(page.locator(".jp-ToolbarButtonComponent-label").get_by_text("Partager")).to_be_visible()
    share.click()
    expect(page.get_by_role("dialog", name=re.compile("^Partager «"))).to_be_visible()
    picture(page, "french-lab-share")
    page.keyboard.press("Escape")
    page.goto("hub/home")
    page.get_by_role("button", name="Arrêter").click()
    expect(page.get_by_role("button", name="Démarrer")).to_be_visible(timeout=SERVER_MS)


def test_a_language_is_chosen_once_for_every_browser(chromium: Browser, running: Platform) -> None:
    first, second = french_page(chromium, running), french_page(chromium, running)
    name = account(running, "amelie")
    log_in(first, running, name)
    first.get_by_role("button", name=re.compile("appareils")).click()
    first.get_by_role("menuitem", name="English").click()
    expect(first.get_by_role("link", name="Shared with me")).to_be_visible()
    first.goto("hub/home")
    expect(first.get_by_role("heading", name="Hello, amelie")).to_be_visible()
    log_in(second, running, name)
    expect(second.get_by_role("link", name="Shared with me")).to_be_visible()
    # Back to French on a page of the hub, and so in the Files site.
    second.goto("hub/home")
    second.get_by_label("Language").select_option("fr")
    expect(second.get_by_role("heading", name="Bonjour, amelie")).to_be_visible()
    second.goto(SITE)
    expect(second.get_by_role("link", name="Partagé avec moi")).to_be_visible()
    for opened in (first, second):
        opened.context.close()


def settled(page: Page) -> None:
    """Wait until a page of the Files site shows what it is about."""
    expect(page.locator("nav.places")).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)


PLACES = [
    "",
    "with-me",
    "by-me",
    "links",
    "classes",
    "deleted",
    "devices",
    "inbox",
    "search?q=mass",
    "nowhere",
]


def furnish(page: Page) -> None:
    """Make the folder Examples with a file that is found by its name."""
    expect(page.get_by_role("button", name="Nouveau", exact=True)).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="Nouveau dossier").get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Examples")
    page.keyboard.press("Enter")
    row(page, "Examples").get_by_role("link", name="Examples").click()
    expect(page.get_by_role("heading", name="Ce dossier est vide")).to_be_visible()
    upload(page, text_file("mass.txt", "a mass"))
    expect(row(page, "mass.txt")).to_be_visible()


def test_no_text_of_the_files_site_is_unmarked(page: Page, running: Platform) -> None:
    # Somebody with things of their own: the names of what others made are words of no catalogue either.
    name = account(running, "odile")
    log_in(page, running, name)
    furnish(page)
    speak_nonsense(page)
    found: dict[str, set[str]] = {}
    for place in PLACES:
        page.goto(SITE + place)
        settled(page)
        if place.startswith("search"):
            expect(page.get_by_role("row").filter(has_text="mass.txt")).to_be_visible()
        found[place] = unmarked(page, name)
    page.goto(SITE)
    settled(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    found["keys"] = unmarked(page, name)
    page.keyboard.press("Escape")
    page.get_by_role("row").filter(has_text="Examples").click(button="right")
    found["menu"] = unmarked(page, name)
    page.keyboard.press("Escape")
    page.get_by_role("row").filter(has_text="Examples").locator(".on-hover").click(force=True)
    expect(page.get_by_role("dialog")).to_be_visible()
    found["share"] = unmarked(page, name)
    assert {place: words for place, words in found.items() if words} == {}


def test_a_phone_shows_french_without_a_second_scroll_bar(chromium: Browser, running: Platform) -> None:
    page = french_page(chromium, running, viewport={"width": 375, "height": 740}, has_touch=True)
    log_in(page, running, "teacher")
    picture(page, "french-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.goto("hub/home")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.context.close()
