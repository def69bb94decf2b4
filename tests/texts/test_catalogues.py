"""The catalogues are complete, and the tool that says so finds what it should."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cygnet_fs_bridge.texts import LOCALE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """`.ci/texts`, which is a program without a suffix."""
    loader = importlib.machinery.SourceFileLoader("texts_tool", str(ROOT / ".ci" / "texts"))
    spec = importlib.util.spec_from_loader("texts_tool", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["texts_tool"] = module
    loader.exec_module(module)
    return module


def test_every_text_is_marked_and_every_language_has_it() -> None:
    done = subprocess.run(
        [sys.executable, ".ci/texts", "check"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_what_is_compiled_is_what_stands_in_the_sources(tool: ModuleType) -> None:
    for path, catalogue in tool.catalogues():
        compiled = json.loads((LOCALE / f"{path.stem}.json").read_text("utf-8"))
        wanted = {
            (f"{context}\x04{english}" if context else english): list(forms)
            for (context, english, _), forms in tool.known_now(catalogue).items()
            if all(forms)
        }
        assert {key: forms for key, forms in compiled.items() if key} == wanted


@pytest.mark.parametrize(
    ("english", "several", "french", "problem"),
    [
        ("There is no {name}.", "", "Il n'y a pas de {nom}.", "other placeholders"),
        ("There is no {name}.", "", "Il n'y a rien.", "other placeholders"),
        ("One file", "{n} files", "{n} fichiers", None),
        ("Try again.", "", "Réessayez", "another sign"),
        ("Try again.", "", "Réessayez.", None),
    ],
)
def test_a_translation_that_does_not_fit_is_found(
    tool: ModuleType, english: str, several: str, french: str, problem: str | None
) -> None:
    told = list(tool.differences(("", english, several), french))
    assert len(told) == (problem is not None)
    assert problem is None or problem in told[0]


def test_french_signs_are_set_as_french_prints_them(tool: ModuleType) -> None:
    assert tool.set_in("fr", "« L'eau » : oui !") == "«\u00a0L\u2019eau\u00a0»\u00a0: oui\u202f!"
    assert tool.set_in("de", "Ja !") == "Ja !"


def test_words_of_a_template_are_marked_or_found(tool: ModuleType) -> None:
    found = tool.Found()
    source = (
        '<p title="Bare title">{{ t("Marked {name}", name=x) }} bare words {% if a %}{{ b }}{% endif %}</p>'
    )
    tool.template(found, "page.html", source)
    assert list(found.texts) == [("", "Marked {name}", "")]
    assert [line.rpartition(": ")[2] for line in found.unmarked] == ["Bare title", "bare words"]


def test_words_of_an_error_are_one_literal_or_found(tool: ModuleType) -> None:
    found = tool.Found()
    tree = tool.ast.parse(
        'raise NotFound("No {name}.", name=x)\nraise NotFound(f"No {x}.")\n'
        'say(Text("{n} file", "{n} files", n=n))\nraise ValueError(f"not ours {x}")'
    )
    tool.python(found, "a.py", tree, {"NotFound"})
    assert sorted(found.texts) == [("", "No {name}.", ""), ("", "{n} file", "{n} files")]
    assert [line.split(":")[1] for line in found.unmarked] == ["2"]


def _scanned(folder: Path, source: str) -> dict[str, Any]:
    """What the scanner of the front ends finds in a file."""
    file = folder / "View.tsx"
    file.write_text(source)
    script = ROOT / "hub" / "web" / "scripts" / "texts.mjs"
    done = subprocess.run(
        [str(shutil.which("node", path=str(ROOT / ".venv" / "bin"))), str(script), str(file)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_words_of_a_component_are_marked_or_found(tmp_path: Path) -> None:
    found = _scanned(
        tmp_path,
        "const LOOKS = [{ label: mark('One') }, { label: 'Two words' }];\n"
        "export const View = ({ n, name }) => (\n"
        "  <p title={name ? `Hello ${name}` : t('Nobody')} className='not this'>\n"
        "    Bare words {tn('{n} file', '{n} files', n)} {name === 'pending' && tc('verb', 'Open')}\n"
        "    <code>ls</code> {t('a' + name)}\n"
        "  </p>\n"
        ");\n",
    )
    texts = {(one["context"], one["english"], one["several"]) for one in found["texts"]}
    assert texts == {("", "One", ""), ("", "Nobody", ""), ("", "{n} file", "{n} files"), ("verb", "Open", "")}
    assert [(one["line"], one["text"]) for one in found["unmarked"]] == [
        (1, "Two words"),
        (3, "Hello  "),
        (4, "Bare words"),
        (5, "t() needs its text as one literal"),
    ]
