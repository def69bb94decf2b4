"""Choices on the start page: what is offered, what is refused and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygnet_spawner.form import render
from cygnet_spawner.options import GIB, Catalogue, Environment, OptionError, from_form

CATALOGUE = Catalogue(
    {"default": Environment("Python <3>", "/p"), "root": Environment("ROOT", "/r", "With C++")},
    {"All": 0.0, "1 core": 1.0},
    {"No limit": 0, "2 GB": 2 * GIB},
)


def test_a_form_becomes_checked_choices() -> None:
    form = {"environment": ["root"], "cores": ["1.0"], "memory": [str(2 * GIB)], "interface": ["notebook"]}
    chosen = CATALOGUE.choose(from_form({**form, "open_file": ["/a/ä b.ipynb"], "_xsrf": ["x"]}))
    assert (chosen.environment, chosen.cores, chosen.memory) == ("root", 1.0, 2 * GIB)
    assert chosen.start_page() == "/notebooks/a/%C3%A4%20b.ipynb"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"environment": "perl"}, 'no software environment "perl"'),
        ({"cores": 3}, "3 is not offered for cores"),
        ({"memory": 1}, "not offered for memory"),
        ({"cores": "many"}, "Cores: "),
        ({"cores": float("nan")}, "Cores: "),
        ({"interface": "vim"}, "Interface: "),
        ({"open_file": "../x"}, "inside your files"),
        ({"open_file": "a/../../x"}, "inside your files"),
        ({"open_file": "a\nb"}, "control characters"),
        ({"open_file": "x" * 5000}, "longer than 4096 bytes"),
        ({"gpu": 1}, 'no option "gpu"'),
    ],
)
def test_refusals_say_what_is_wrong(raw: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError) as refused:
        CATALOGUE.choose(raw)
    assert words in str(refused.value)


def test_earlier_choices_are_kept_as_far_as_they_are_offered() -> None:
    earlier = {"environment": "gone", "cores": 1.0, "interface": "notebook", "open_file": "x", "old": 1}
    chosen = CATALOGUE.remembered(earlier)
    assert (chosen.environment, chosen.cores, chosen.interface, chosen.open_file) == (
        "default",
        1,
        "notebook",
        "",
    )


def test_the_form_preselects_and_escapes() -> None:
    page = render(CATALOGUE, CATALOGUE.remembered({"environment": "root", "cores": 1.0}), ["Mind <this>"])
    assert 'value="root" checked' in page
    assert '<option value="1.0" selected>' in page
    assert "Python &lt;3&gt;" in page
    assert "Mind &lt;this&gt;" in page


@given(st.text(max_size=300))
def test_any_file_is_refused_or_stays_inside(path: str) -> None:
    try:
        page = CATALOGUE.choose({"open_file": path}).start_page()
    except OptionError:
        return
    assert page.startswith("/lab")
    assert ".." not in page.split("/")
    assert page.isascii()
