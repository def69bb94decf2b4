"""What the people of the main job do in their browsers, and the laptop's sync client."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

#: Starting a server or a kernel, and running a notebook, with other tests beside it.
SERVER_MS = 60_000
NOTEBOOK_MS = 90_000


class Person:
    """Somebody at a browser: the hub's pages and the Files site."""

    def __init__(self, page: Page, name: str, password: str) -> None:
        self.page, self.name, self.password = page, name, password

    def fill_in_login(self) -> None:
        """Go to the platform's address, where the login page is, and fill it in."""
        self.page.goto("")
        self.page.get_by_label("Account name").fill(self.name)
        self.page.get_by_label("Password").fill(self.password)

    def log_in(self) -> None:
        """Log in, which leads to the Files site."""
        self.fill_in_login()
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_role("navigation", name="Places")).to_be_visible()

    def start_server(self) -> None:
        """Press Start on the start page, and wait for JupyterLab."""
        self.page.get_by_role("button", name="Start", exact=True).click()
        expect(self.page.get_by_role("menuitem", name="Run", exact=True)).to_be_visible(timeout=SERVER_MS)

    def go_to(self, name: str) -> None:
        """Choose a view of the Files site by its name at the side."""
        self.page.get_by_role("navigation").get_by_role("link", name=name).first.click()
        expect(self.page.get_by_role("heading", name=name, level=1)).to_be_visible()


class Notebook:
    """The notebook that is in front in JupyterLab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        # Before the kernel is there, Lab would ask which one to take.
        expect(page.get_by_text("| Idle")).to_be_visible(timeout=SERVER_MS)

    def run_all(self) -> None:
        """Run ▸ Run All Cells, and wait until the last code cell has been run."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        expect(self.page.get_by_text("| Busy")).to_be_visible()
        expect(self.page.get_by_text("| Idle")).to_be_visible(timeout=NOTEBOOK_MS)
        expect(self.page.locator(".jp-OutputArea-output[data-mime-type*=stderr]")).to_have_count(0)

    def output(self, text: str) -> Locator:
        """The output with `text` in it."""
        return self.page.locator(".jp-OutputArea-output").filter(has_text=text)

    def replace_line(self, before: str, after: str) -> None:
        """Change one line of a cell, as a person does: click, select the line, type."""
        self.page.locator(".cm-line").filter(has_text=before).first.click()
        self.page.keyboard.press("Home")
        self.page.keyboard.press("Shift+End")
        self.page.keyboard.type(after)

    def add_cell(self, code: str) -> Locator:
        """Write and run a new cell below the one that is chosen; return its output."""
        self.page.get_by_role("button", name="Insert a cell below").first.click()
        cell = self.page.locator(".jp-Cell.jp-mod-active")
        cell.locator(".cm-content").click()
        self.page.keyboard.insert_text(code)
        return self.run_cell(cell)

    def run_cell(self, cell: Locator) -> Locator:
        """Run the cell that is chosen; return its output."""
        self.page.keyboard.press("Control+Enter")
        return cell.locator(".jp-OutputArea-output")

    def save(self) -> None:
        """File ▸ Save by its keys, and wait until it is saved."""
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".lm-TabBar-tab.lm-mod-current.jp-mod-dirty")).to_have_count(0)


def files_of_server(person: Person, folder: str) -> dict[str, str]:
    """Path and SHA-256 of each file below `folder`, as the person's notebook server sees them."""
    address = f"user/{person.name}/api/contents/{folder}"
    found: dict[str, str] = {}
    for item in person.page.request.get(f"{address}?content=1").json()["content"]:
        if item["type"] == "directory":
            found |= files_of_server(person, item["path"])
        else:
            model = person.page.request.get(
                f"user/{person.name}/api/contents/{item['path']}?content=0&hash=1"
            )
            found[item["path"]] = model.json()["hash"]
    return found


class Laptop:
    """A folder kept in sync by the Nextcloud client."""

    def __init__(self, folder: Path, address: str, user: str, app_password: str) -> None:
        folder.mkdir()
        self.folder = folder
        self._command = ["nextcloudcmd", "--non-interactive", "--user", user, "--password", app_password]
        self._command += [str(folder), address]

    def sync(self) -> None:
        """Run the client once; fail with what it said when it failed."""
        done = subprocess.run(self._command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def files(self) -> dict[str, str]:
        """Path and SHA-256 of each file, the client's own left out."""
        found = (path for path in self.folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in found
        }
