"""Changelog fragments, decision records and versions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from .pages import DOCS, ROOT

PROJECTS = sorted(ROOT.glob("*/pyproject.toml"))
PACKAGES = [path for folder in ("extensions", "hub/web") if (path := ROOT / folder / "package.json").exists()]
FRAGMENTS = [path for path in sorted((DOCS / "changelog.d").iterdir()) if not path.name.startswith(".")]
RECORDS = [path for path in sorted((DOCS / "adr").glob("*.md")) if path.name != "README.md"]
STATUS = re.compile(r"^Status: (proposed|accepted|rejected|superseded by \[?\d{4}.*)$", re.MULTILINE)


def project(path: Path) -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    return table


def test_the_four_distributions_and_the_front_ends_have_one_version() -> None:
    assert len(PROJECTS) == 4
    versions = {str(path.relative_to(ROOT)): project(path)["version"] for path in PROJECTS}
    versions |= {str(path.relative_to(ROOT)): json.loads(path.read_text())["version"] for path in PACKAGES}
    towncrier = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["towncrier"]
    versions["the changelog's next heading"] = towncrier["version"]
    assert set(versions.values()) == {versions["hub/pyproject.toml"]}, versions


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_siblings_require_one_another_at_exactly_this_version(path: Path) -> None:
    siblings = [need for need in project(path).get("dependencies", []) if need.startswith("cygnet-")]
    assert [need for need in siblings if need.partition("==")[2] != project(path)["version"]] == []


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_fragments_are_one_sentence_that_a_user_understands(path: Path) -> None:
    assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed)\.md", path.name)
    text = path.read_text(encoding="utf-8").strip()
    assert "\n\n" not in text
    assert text[0].isupper() or text[0] in "`π*"
    assert text.endswith(".")


def test_the_changelog_can_be_made() -> None:
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--date", "2000-01-01"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert "Added" in made.stdout


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_each_decision_record_has_a_number_and_a_status(path: Path) -> None:
    number, _, slug = path.stem.partition("-")
    text = path.read_text(encoding="utf-8")
    assert re.fullmatch(r"\d{4}", number)
    assert slug
    assert text.startswith(f"# {int(number)}. ")
    assert STATUS.search(text), "no line `Status: accepted` (or proposed, rejected, superseded by NNNN)"
    row = next(line for line in (DOCS / "adr" / "README.md").read_text().splitlines() if path.name in line)
    stated = STATUS.search(text).group(1)  # type: ignore[union-attr]
    assert stated.split()[0] in row, "the list of records says something else"


def test_decision_records_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in RECORDS]
    assert numbers == list(range(1, len(numbers) + 1))
