"""If-Match, If-None-Match and If."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygnet_hub.services.sync.model.conditions import Clause, Conditions, IfList, parse_etags, parse_if
from cygnet_hub.services.sync.model.errors import BadRequest

ETAGS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)
TOKENS = ETAGS.map(lambda text: f"opaquelocktoken:{text}")
CLAUSES = st.builds(Clause, ETAGS, st.just(True), st.booleans()) | st.builds(
    Clause, TOKENS, st.just(False), st.booleans()
)
UNTAGGED = st.builds(IfList, st.lists(CLAUSES, min_size=1, max_size=3).map(tuple))
TAGGED = st.builds(
    lambda clauses, name: IfList(clauses, f"/{name}"),
    st.lists(CLAUSES, min_size=1, max_size=3).map(tuple),
    ETAGS,
)


def locate(url: str) -> str | None:
    return url.removeprefix("http://here") if url.startswith("http://here") else None


def written(clause: Clause) -> str:
    value = f'["{clause.value}"]' if clause.is_etag else f"<{clause.value}>"
    return ("Not " if clause.negated else "") + value


def header(lists: list[IfList]) -> str:
    tags = ["" if item.path is None else f"<http://here{item.path}> " for item in lists]
    return " ".join(
        f"{tag}({' '.join(map(written, item.clauses))})" for tag, item in zip(tags, lists, strict=True)
    )


@given(st.lists(UNTAGGED, min_size=1, max_size=4) | st.lists(TAGGED, min_size=1, max_size=4))
def test_what_is_written_is_read(lists: list[IfList]) -> None:
    parsed = parse_if(header(lists), locate)
    assert list(parsed) == lists
    tokens = {clause.value for item in lists for clause in item.clauses if not clause.is_etag}
    assert Conditions(lists=parsed).tokens == tokens


@given(st.text())
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadRequest):
        parse_if(text, locate)
    with contextlib.suppress(BadRequest):
        parse_etags(text)


def test_several_lists_can_follow_one_tag() -> None:
    text = '<http://here/a> (<x:1>) (["e"]) <http://elsewhere/b> (<x:2>)'
    first, second, third = parse_if(text, lambda url: "/a" if url == "http://here/a" else None)
    assert (first.path, second.path, third.path, third.foreign) == ("/a", "/a", None, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "()",
        "(",
        "<http://here/a>",
        "(Not)",
        "(Not Not <a:b>)",
        "(<a:b>) <http://here/a> (<a:b>)",
        "x",
        '(["a)',
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        parse_if(text, locate)


@pytest.mark.parametrize(
    ("text", "etags"),
    [
        ('"a"', ("a",)),
        ('"a", "b"', ("a", "b")),
        ("*", ("*",)),
        ("bare", ("bare",)),
        ('W/"a"', ("W/a",)),
        ('""', ("",)),
        (None, None),
    ],
)
def test_etags(text: str | None, etags: tuple[str, ...] | None) -> None:
    assert parse_etags(text) == etags
