"""The wire models: what goes out comes back the same, and bad input is refused in words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygnet_fs_bridge.models import Account, Change, Node, Owner, Person, Quota, Share, as_object

names = st.text(min_size=1, max_size=20)
owners = st.builds(Owner, names, names)
nodes = st.builds(
    Node,
    id=names,
    name=names,
    path=names.map("/{}".format),
    kind=st.sampled_from(["file", "folder"]),
    size=st.integers(0, 2**60),
    mtime=st.floats(0, 2**33),
    etag=names,
    permissions=st.text("RGDNVWCK"),
    mime=names,
    share_types=st.lists(st.sampled_from([0, 1, 3])).map(tuple),
    owner=st.none() | owners,
    children_count=st.none() | st.integers(0, 1000),
)
shares = st.builds(
    Share,
    id=names,
    kind=st.sampled_from(["user", "group", "link"]),
    item=st.sampled_from(["file", "folder"]),
    name=names,
    path=st.none() | names,
    owner=owners,
    role=st.sampled_from(["viewer", "editor"]),
    state=st.sampled_from(["accepted", "pending", "declined"]),
    grantee=st.none() | st.builds(Person, names, names, st.sampled_from(["user", "group"])),
    mime=names,
    size=st.integers(0, 2**60),
    mtime=st.floats(0, 2**33),
    url=st.none() | names,
    has_password=st.booleans(),
    expires=st.none() | st.dates().map(str),
    note=st.text(),
    created=st.floats(0, 2**33),
)


@given(nodes | shares)
def test_a_model_survives_the_wire(model):
    assert type(model).from_json(json.loads(json.dumps(model.to_json()))) == model


def test_unknown_keys_are_ignored_and_missing_ones_named():
    quota = Quota.from_json({"used": 3, "total": None, "colour": "blue"})
    assert quota == Quota(3)
    with pytest.raises(ValueError, match="quota: 'used' is missing"):
        Quota.from_json({})


@pytest.mark.parametrize("size", ["3", None, 1.5, True, [3]])
def test_a_wrong_type_is_refused(size):
    data = Node("1", "a", "/a", "file", 3, 0.0, "e").to_json() | {"size": size}
    with pytest.raises(ValueError, match="node: 'size' has the wrong type"):
        Node.from_json(data)


def test_an_unknown_choice_is_refused():
    with pytest.raises(ValueError, match="'op' is 'burn', not one of put, mkdir"):
        Change.from_json({"op": "burn", "path": "/a", "kind": "file"})


def test_numbers_are_taken_for_ids():
    assert Change.from_json({"op": "put", "path": "/a", "kind": "file", "node": 7}).node == "7"


def test_the_account_has_its_quota():
    account = Account.from_json({"name": "ada", "quota": {"used": 1, "total": 10, "free": 9}})
    assert (account.display_name, account.quota.free) == ("ada", 9)
    with pytest.raises(ValueError, match="account: 'quota': expected an object, got NoneType"):
        Account.from_json({"name": "ada"})


def test_a_list_is_not_an_object():
    with pytest.raises(ValueError, match="answer: expected an object, got list"):
        as_object([], "answer")
