"""Placement: what the hashing promises, and what a table may say."""

import json
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cygnet_fs_bridge.errors import NotConfigured
from cygnet_fs_bridge.fixed.placement import Epoch, Place, Table, find, load, parse

_parts = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=8)
_months = st.builds("{}-{:02}".format, st.integers(2000, 2039), st.integers(1, 12))
_dated = st.builds(
    lambda before, month, separator, after: f"/{before}/{month.replace('-', separator)}/{after}",
    st.sampled_from(["data", "run3", "x_1"]),
    _months,
    st.sampled_from("-/_"),
    _parts,
)
_paths = st.one_of(_dated, st.lists(_parts, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts)))


def cluster(size, replicas=2, start="", seed="s"):
    places = tuple(Place(f"node{i}", f"memory://{i}") for i in range(size))
    return Epoch(start, places, replicas, replicas // 2 + 1, seed)


@given(_paths, st.lists(_months, min_size=1, max_size=5, unique=True).map(sorted), st.data())
def test_a_new_epoch_moves_no_file_of_the_months_before(path, starts, data):
    table = Table((cluster(3), *(cluster(4, start=start, seed=start) for start in starts[:-1])))
    grown = table.grown(cluster(5, start=starts[-1], seed="new"))
    if (table.month(path) or "") < starts[-1]:
        assert grown.epoch(path).owners(path) == table.epoch(path).owners(path)
    else:
        assert grown.epoch(path) is grown.epochs[-1]


@given(_paths, st.integers(1, 12), st.integers(1, 3))
@example("/data/2000-01/\ud800", 1, 1)
def test_growing_a_cluster_brings_at_most_the_new_node(path, size, replicas):
    replicas = min(replicas, size)
    before, after = cluster(size, replicas).owners(path), cluster(size + 1, replicas).owners(path)
    new = [place for place in after if place not in before]
    assert [place.name for place in new] in ([], [f"node{size}"])
    assert [place for place in after if place not in new] == before[: replicas - len(new)]


@given(_paths)
def test_a_folder_is_looked_for_where_its_files_are(path):
    table = Table((cluster(3), cluster(3, start="2010-05"), cluster(3, start="2020-01")))
    parts = path.split("/")
    for depth in range(1, len(parts)):
        assert table.epoch(path) in table.epochs_below("/".join(parts[:depth]) or "/")


@settings(max_examples=5, deadline=None)
@given(st.integers(2, 9), st.integers(0, 1000))
def test_files_are_spread_evenly_and_growing_moves_only_its_share(size, salt):
    paths = [f"/data/{salt}/file{i}.root" for i in range(3000)]
    held = Counter(cluster(size, 1).owners(path)[0].name for path in paths)
    fair = len(paths) / size
    assert all(0.8 * fair < held[f"node{i}"] < 1.2 * fair for i in range(size))
    moved = sum(cluster(size, 1).owners(path) != cluster(size + 1, 1).owners(path) for path in paths)
    assert abs(moved / len(paths) - 1 / (size + 1)) < 0.05


def test_placement_never_changes():
    """These owners are where real files lie: another answer would lose them."""
    epoch = cluster(5, 3, seed="2026")
    names = [place.name for place in epoch.owners("/data/2026/11/run1.root")]
    assert names == ["node0", "node4", "node1"]


def test_seconds_of_the_month_decide():
    table = Table((cluster(1), cluster(1, start="2026-11", seed="b")))
    for path in ("/a/2026/10/x", "/undated/x", "/run_200612/x", "/a/2026/1/x", "/a/2026/13/x", "/12026/12/x"):
        assert table.epoch(path) is table.epochs[0], path
    for path in ("/a/2026/11/x", "/a/2026-12-05.root", "/2027_01/x/2001/01"):
        assert table.epoch(path) is table.epochs[1], path


NODES = {"nodes": {"a": "memory://a", "b": {"url": "memory://b", "key": "k"}}}


@pytest.mark.parametrize(
    "data, words",
    [
        ({}, "no epoch"),
        ({"epoch": {}}, r"needs a list \[\[epoch\]\]"),
        ({"epoch": [{}]}, "needs nodes"),
        ({"epoch": [{"nodes": {"a": 1}}]}, "'a' needs the address"),
        ({"epoch": [NODES | {"replicas": 3}]}, "from 1 to 2"),
        ({"epoch": [NODES | {"quorum": 3}]}, "from 1 to 2"),
        ({"epoch": [NODES, NODES]}, "a month such as"),
        ({"epoch": [NODES, NODES | {"from": "2026-13"}]}, "a month such as"),
        ({"epoch": [NODES | {"from": "2026-11"}, NODES | {"from": "2026-11"}]}, "later than the one before"),
        ({"epoch": [NODES], "date": "("}, "not a regular expression"),
        ({"epoch": [NODES], "date": "x"}, "needs the groups"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_in_words(data, words):
    with pytest.raises(NotConfigured, match=words):
        parse(data)


def test_tables_are_found_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("CYGNET_FIXED_TABLES", str(tmp_path))
    (tmp_path / "lab.json").write_text(json.dumps({"epoch": [NODES]}))
    epoch = load(find("lab")).epochs[0]
    assert (epoch.replicas, epoch.quorum) == (2, 2)
    assert epoch.places[1] == Place("b", "memory://b", {"key": "k"})
    for name in ("no", "", "../lab"):
        with pytest.raises(NotConfigured, match="There is no table"):
            find(name)
    (tmp_path / "bad.toml").write_text("[[")
    with pytest.raises(NotConfigured, match=r"bad\.toml is neither"):
        load(find("bad"))
